import { useEffect, useState } from "react";
import { moment } from "../format/time";
import { useSession } from "../session";

const STEPS = 1000;
const PAUSE_MS = 200;

interface Props {
  first: Date;
  at: Date | null;
  known: boolean;
  change: (at: Date | null, known: boolean) => void;
}

/** The moment that is looked at, from the first event to now, and which past: as it happened, or as it was known. */
export function TimeSlider({ first, at, known, change }: Props) {
  const { zone } = useSession().person;
  const [now] = useState(() => new Date());
  const span = Math.max(1, now.getTime() - first.getTime());
  const stepOf = (date: Date | null) =>
    date ? Math.round(((date.getTime() - first.getTime()) / span) * STEPS) : STEPS;
  const [step, setStep] = useState(() => stepOf(at));
  const dateOf = (value: number) =>
    value >= STEPS ? null : new Date(first.getTime() + (span * value) / STEPS);
  const shown = dateOf(step);
  const given = stepOf(at);
  useEffect(() => setStep(given), [given]);
  useEffect(() => {
    if (step === given) return;
    const timer = setTimeout(() => change(dateOf(step), known), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  const text = shown ? moment(shown, zone, now) : `${moment(now, zone, now)}, now`;
  return (
    <div className="slider">
      <label className="sr" htmlFor="moment">
        Look at the lead as of
      </label>
      <input
        id="moment"
        type="range"
        min="0"
        max={STEPS}
        value={step}
        aria-valuetext={text}
        onChange={(event) => setStep(Number(event.target.value))}
      />
      <div className="said">
        <p className="small">
          <span className="strong">{shown ? text : moment(now, zone, now)}</span>
          {!shown && <span className="faint"> now</span>}
        </p>
        <fieldset className="pick">
          <legend className="sr">Which past</legend>
          <button type="button" aria-pressed={!known} onClick={() => change(shown, false)}>
            As it happened
          </button>
          <button type="button" aria-pressed={known} disabled={!shown} onClick={() => change(shown, true)}>
            As we knew it
          </button>
        </fieldset>
        {shown && (
          <button className="btn bare" type="button" onClick={() => change(null, false)}>
            Back to now
          </button>
        )}
      </div>
    </div>
  );
}
