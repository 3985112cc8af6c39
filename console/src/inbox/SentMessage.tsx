import { type ReactNode, useState } from "react";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { words } from "../format/words";
import { useMay, useNameOf, useSession } from "../session";
import { channelName } from "./channels";
import { MessageActions } from "./MessageActions";
import type { Message } from "./queries";
import { becauseOf, isAlarming, statusOf } from "./status";

/** A message of ours: what became of it and why, its text, and, when asked, every step and every attempt. */
export function SentMessage({ message, head }: { message: Message; head?: ReactNode }) {
  const { zone } = useSession().person;
  const may = useMay();
  const now = currentTime();
  const because = becauseOf(message);
  return (
    <>
      <div className="entry-head">
        <span className="strong">{head ?? <Sender sender={message.sender} />}</span>
        <span className={isAlarming(message) ? "alarm strong" : "quiet"}>{statusOf(message, zone, now)}</span>
        <time className="quiet" dateTime={message.createdAt}>
          {moment(new Date(message.createdAt), zone, now)}
        </time>
      </div>
      {because.length > 0 && (
        <ul className="because">
          {because.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      <Text
        subject={message.subject}
        text={message.text ?? (message.template && `Template ${message.template}`)}
      />
      {may("work") && <MessageActions message={message} />}
      <Details message={message} />
    </>
  );
}

function Sender({ sender }: { sender: string }) {
  const nameOf = useNameOf();
  const [kind = "", id = ""] = sender.split(/:(.*)/s);
  return kind === "person" ? nameOf(id) : words(kind);
}

const SHORT = 280;

/** Subject and text; a long text is cut until somebody asks for the rest. */
export function Text({
  subject,
  text,
}: {
  subject: string | null | undefined;
  text: string | null | undefined;
}) {
  const [whole, setWhole] = useState(false);
  if (text === null || text === undefined) return <p className="faint">The text was erased.</p>;
  const long = text.length > SHORT * 1.2;
  return (
    <div className="written">
      {subject && <p className="strong">{subject}</p>}
      <p className="text">{long && !whole ? `${text.slice(0, SHORT).trimEnd()}…` : text}</p>
      {long && !whole && (
        <button className="plain link small" type="button" onClick={() => setWhole(true)}>
          Show all of it
        </button>
      )}
    </div>
  );
}

function Details({ message }: { message: Message }) {
  const { zone } = useSession().person;
  const now = currentTime();
  return (
    <details className="small">
      <summary className="quiet">
        By {channelName(message.channel)}
        {message.to && ` to ${message.to}`}
        <span className="sr">, message {message.id}</span>
      </summary>
      <ul className="steps">
        {message.why && <li>Written because: {message.why}</li>}
        {message.history.map((step) => (
          <li key={step.eventId}>
            <time dateTime={step.at}>{moment(new Date(step.at), zone, now)}</time> {words(step.type)}
            {step.detail && <span className="faint">: {step.detail}</span>}
          </li>
        ))}
        {message.attempts.map((one) => (
          <li key={`attempt-${one.number}`}>
            <time dateTime={one.at}>{moment(new Date(one.at), zone, now)}</time> Attempt {one.number}:{" "}
            {one.outcome ?? "under way"}
            {one.detail && `, ${one.detail}`}
          </li>
        ))}
      </ul>
    </details>
  );
}
