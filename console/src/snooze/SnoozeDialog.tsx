import { type FormEvent, useEffect, useRef } from "react";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { instantOf, wallClock } from "../format/zoned";
import { useSession } from "../session";
import { snoozeTimes, tomorrow } from "./times";

interface Props {
  /** What is put off. */
  what: string;
  /** What happens meanwhile, in a sentence. */
  help: string;
  choose: (until: Date) => void;
  onClose: () => void;
}

/** Until when something is put off: four times that are usual, by their numbers too, or any other one. */
export function SnoozeDialog({ what, help, choose, onClose }: Props) {
  const { zone } = useSession().person;
  const dialog = useRef<HTMLDialogElement>(null);
  const now = currentTime();
  const times = snoozeTimes(now, zone);
  useEffect(() => dialog.current?.showModal(), []);
  const take = (until: Date) => {
    dialog.current?.close();
    choose(until);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const [day, time] = String(new FormData(event.currentTarget).get("until")).split("T");
    if (day && time) take(instantOf(day, time, zone));
  };
  return (
    <dialog
      ref={dialog}
      className="dialog"
      onClose={onClose}
      aria-labelledby="snooze-title"
      onKeyDown={(event) => {
        const inField = event.target instanceof HTMLInputElement;
        const chosen = inField ? undefined : times[Number(event.key) - 1];
        if (chosen) take(chosen.until);
      }}
    >
      <h2 className="head" id="snooze-title">
        Snooze {what}
      </h2>
      <p className="small quiet">{help}</p>
      <ul className="choices">
        {times.map((one, index) => (
          <li key={one.name}>
            <button type="button" onClick={() => take(one.until)}>
              <kbd>{index + 1}</kbd>
              <span>{one.name}</span>
              <span className="faint">{moment(one.until, zone, now)}</span>
            </button>
          </li>
        ))}
      </ul>
      <form className="row-form" onSubmit={submit}>
        <p className="field">
          <label htmlFor="snooze-until">Or until</label>
          <input
            id="snooze-until"
            name="until"
            type="datetime-local"
            required
            defaultValue={wallClock(tomorrow(now, zone), zone)}
            min={wallClock(now, zone)}
          />
        </p>
        <button className="btn" type="submit">
          Snooze
        </button>
        <button className="btn bare" type="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
      </form>
    </dialog>
  );
}
