import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, type Ref, useState } from "react";
import { currentTime } from "../clock";
import { instantOf, wallClock } from "../format/zoned";
import { contactOf } from "../leads/contact";
import { updatesQuery } from "../leads/queries";
import { submitByEnter } from "../leads/submitByEnter";
import { useSession } from "../session";
import { tomorrow } from "../snooze/times";
import "./inbox.css";
import { keepUnsent, unsentOf } from "./unsent";
import { useSend } from "./useSend";

const CHANNELS = [
  { channel: "email", name: "E-mail" },
  { channel: "whatsapp", name: "WhatsApp" },
  { channel: "linkedin", name: "LinkedIn, as a task" },
];

interface Props {
  leadId: string;
  /** The channel and the subject that an answer continues. */
  channel?: string;
  subject?: string;
  field?: Ref<HTMLTextAreaElement>;
  sent?: () => void;
  undone?: () => void;
  /** More buttons beside Send. */
  children?: ReactNode;
}

/** A message to a lead: channel, subject, text, and when. What is written stays when one looks elsewhere meanwhile. */
export function MessageForm({ leadId, field, sent, undone, children, ...usual }: Props) {
  const { zone } = useSession().person;
  const [written, setWritten] = useState(() => unsentOf(leadId));
  const [later, setLater] = useState(false);
  const known = contactOf(useQuery(updatesQuery(leadId)).data?.items ?? []);
  const channel =
    written.channel ?? (CHANNELS.some((one) => one.channel === usual.channel) ? usual.channel : "email");
  const { subject = usual.subject ? answerTo(usual.subject) : "", text = "", to = "" } = written;
  const write = (next: typeof written) => {
    setWritten({ ...written, ...next });
    keepUnsent(leadId, { ...written, ...next });
  };
  const send = useSend(leadId, {
    sent: () => {
      setWritten({});
      keepUnsent(leadId, null);
      sent?.();
    },
    undone: () => {
      setWritten({ channel, subject, text, to });
      keepUnsent(leadId, { channel, subject, text, to });
      undone?.();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const [day, time] = String(new FormData(event.currentTarget).get("at") ?? "").split("T");
    send.mutate({
      channel: channel ?? "email",
      to: to === "" ? null : to,
      subject: channel === "email" ? subject : "",
      text,
      sendAt: later && day && time ? instantOf(day, time, zone) : null,
    });
  };
  const address = channel === "email" ? known.email : channel === "whatsapp" ? known.phone : null;
  const id = `message-${leadId}`;
  return (
    <form className="write" onSubmit={submit} onKeyDown={submitByEnter} aria-label={`Message to ${leadId}`}>
      <div className="row-form">
        <p className="field">
          <label htmlFor={`${id}-channel`}>By</label>
          <select
            id={`${id}-channel`}
            value={channel}
            onChange={(event) => write({ channel: event.target.value })}
          >
            {CHANNELS.map((one) => (
              <option key={one.channel} value={one.channel}>
                {one.name}
              </option>
            ))}
          </select>
        </p>
        <p className="field wide">
          <label htmlFor={`${id}-to`}>To</label>
          <input
            id={`${id}-to`}
            value={to}
            maxLength={320}
            autoComplete="off"
            placeholder={address ?? "the address that is known of the lead"}
            onChange={(event) => write({ to: event.target.value })}
          />
        </p>
      </div>
      {channel === "email" && (
        <p className="field">
          <label htmlFor={`${id}-subject`}>Subject</label>
          <input
            id={`${id}-subject`}
            value={subject}
            maxLength={300}
            required
            autoComplete="off"
            onChange={(event) => write({ subject: event.target.value })}
          />
        </p>
      )}
      <p className="field">
        <label htmlFor={`${id}-text`}>Text</label>
        <textarea
          ref={field}
          id={`${id}-text`}
          rows={5}
          maxLength={20_000}
          required
          value={text}
          onChange={(event) => write({ text: event.target.value })}
          onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        />
      </p>
      <div className="acts">
        <button className="btn primary" type="submit" disabled={send.isPending}>
          {later ? "Send then" : "Send"}
        </button>
        <label className="check">
          <input type="checkbox" checked={later} onChange={(event) => setLater(event.target.checked)} />
          Later
        </label>
        {later && (
          <input
            className="when"
            aria-label="When it goes out"
            name="at"
            type="datetime-local"
            required
            defaultValue={wallClock(tomorrow(currentTime(), zone), zone)}
            min={wallClock(currentTime(), zone)}
          />
        )}
        <span className="small faint off-phone">Ctrl or ⌘ with Enter sends</span>
        {children}
      </div>
    </form>
  );
}

function answerTo(subject: string): string {
  return /^re:/i.test(subject) ? subject : `Re: ${subject}`;
}
