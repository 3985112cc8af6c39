import { Link } from "@tanstack/react-router";
import type { Schemas } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { useSession } from "../session";
import { useSnooze } from "../snooze/useSnooze";

/** What the person has put off, and until when; each can come back now. */
export function Snoozed({ items, back }: { items: Schemas["SnoozeView"][]; back: () => void }) {
  const { zone } = useSession().person;
  const snooze = useSnooze();
  if (items.length === 0) return null;
  const end = (leadId: string) => {
    snooze
      .end(leadId)
      .then(() => {
        back();
        done(`${leadId} is back in your queue.`);
      })
      .catch(sayFailure("Not changed"));
  };
  return (
    <details className="snoozed">
      <summary className="small quiet">{items.length} snoozed</summary>
      <ul className="tasks lined">
        {items.map((one) => (
          <li key={one.leadId} className="line-item">
            <span className="clip">
              <Link className="link" to="/leads/$leadId" params={{ leadId: one.leadId }}>
                {one.leadId}
              </Link>
              <span className="block small faint">
                until {moment(new Date(one.until), zone, currentTime())}
              </span>
            </span>
            <button className="btn small" type="button" onClick={() => end(one.leadId)}>
              Bring back<span className="sr"> {one.leadId}</span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
