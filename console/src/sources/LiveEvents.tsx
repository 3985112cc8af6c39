/** The newest events of a source as they arrive; all of them, with pause and filter, are under the live events. */
import { Link } from "@tanstack/react-router";
import { moment } from "../format/time";
import { matches } from "../operations/tail";
import { useTail } from "../operations/useTail";
import { Part } from "../parts/Part";
import { Failure } from "../parts/states";
import { useSession } from "../session";

const SHOWN = 10;

export function LiveEvents({ source }: { source: string }) {
  const { zone } = useSession().person;
  const { tail, error } = useTail(false);
  const found = tail.events.filter((one) => matches(one, { source })).slice(0, SHOWN);
  const now = new Date();
  return (
    <Part
      title="Arriving now"
      aside={
        <Link className="link quiet small" to="/ops/events" search={{ source }}>
          All live events of it
        </Link>
      }
    >
      {error !== null && <Failure what="The log" error={error} />}
      {tail.cursor !== null && found.length === 0 && (
        <p className="quiet">
          None among the last {tail.read} events of all sources. What it sends appears here by itself.
        </p>
      )}
      <ol className="entries tail">
        {found.map((one) => (
          <li key={one.position}>
            <div className="entry-head">
              <span>
                <span className="strong">{one.type}</span>
                <Link className="lead-of" to="/leads/$leadId" params={{ leadId: one.leadId }}>
                  {one.leadId}
                </Link>
              </span>
              <span />
              <time className="quiet" dateTime={one.receivedAt}>
                {moment(new Date(one.receivedAt), zone, now)}
              </time>
            </div>
          </li>
        ))}
      </ol>
    </Part>
  );
}
