import { Link } from "@tanstack/react-router";
import { Key } from "../keys/Key";
import { filterIn } from "../lists/filter";
import { queueIn } from "../queue/list";
import type { Place } from "./usePlace";

/** The way back to the list or queue, the place in it, and its neighbours. */
export function Crumb({ leadId, list, place }: { leadId: string; list: string | undefined; place: Place }) {
  const queue = queueIn(list);
  return (
    <div className="top">
      <p className="crumb">
        {queue ? (
          <Link className="link" to="/queue" search={{ owner: queue.owner, lead: leadId }}>
            Queue
          </Link>
        ) : (
          <Link className="link" to="/leads" search={filterIn(list ?? "")}>
            Leads
          </Link>
        )}
        {place.index >= 0 && (
          <span>
            {place.index + 1} of {place.count}
            {place.more ? "+" : ""}
          </span>
        )}
      </p>
      {place.actions.next && (
        <p className="end">
          <button className="btn bare" type="button" onClick={place.actions.back}>
            Lead before <Key of="back" />
          </button>
          <button className="btn bare" type="button" onClick={place.actions.next}>
            Next lead <Key of="next" />
          </button>
        </p>
      )}
    </div>
  );
}
