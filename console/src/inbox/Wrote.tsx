import type { Schemas } from "../api/client";
import { currentTime } from "../clock";
import { moment, since } from "../format/time";
import { useSession } from "../session";
import { channelName } from "./channels";
import "./inbox.css";

/** What a lead wrote, as the sentence that the screen begins with. */
export function Wrote({ received }: { received: Schemas["ReceivedView"] }) {
  const { zone } = useSession().person;
  const now = currentTime();
  const at = new Date(received.at);
  const ago = since(at, now);
  return (
    <blockquote className="wrote">
      <p className="small quiet">
        Wrote {ago === "now" ? "just now" : ago}
        {received.channel && ` by ${channelName(received.channel)}`}, {moment(at, zone, now)}
      </p>
      {received.subject && <p className="strong">{received.subject}</p>}
      <p className="opening">{received.text ?? "What it wrote is not known here, or was erased."}</p>
    </blockquote>
  );
}
