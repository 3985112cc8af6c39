import type { Schemas } from "../api/client";
import { currentTime } from "../clock";
import { moment, since } from "../format/time";
import { words } from "../format/words";
import { useSession } from "../session";
import "./inbox.css";

/** What a lead wrote, as the sentence that the screen begins with. */
export function Wrote({ received }: { received: Schemas["ReceivedView"] }) {
  const { zone } = useSession().person;
  const now = currentTime();
  const at = new Date(received.at);
  return (
    <blockquote className="wrote">
      <p className="small quiet">
        Wrote {since(at, now)}
        {received.channel && ` by ${words(received.channel).toLowerCase()}`}, {moment(at, zone, now)}
      </p>
      {received.subject && <p className="strong">{received.subject}</p>}
      <p className="opening">{received.text ?? "What it wrote is not known here, or was erased."}</p>
    </blockquote>
  );
}
