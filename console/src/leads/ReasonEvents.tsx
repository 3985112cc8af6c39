import { useInfiniteQuery } from "@tanstack/react-query";
import { signed } from "../format/numbers";
import { moment } from "../format/time";
import { words } from "../format/words";
import { useSession } from "../session";
import { historyQuery } from "./queries";

const SHOWN = 20;

interface Props {
  leadId: string;
  ruleId: string;
  /** The moment that is looked at. */
  asOf: Date;
  /** Called with the moment of the event that is pointed at, and null when it is no more. */
  point: (at: number | null) => void;
}

/** The events that gave the points of a rule, newest first; pointing at one marks it on the curve. */
export function ReasonEvents({ leadId, ruleId, asOf, point }: Props) {
  const { zone } = useSession().person;
  const history = useInfiniteQuery(historyQuery(leadId));
  const rows = (history.data?.pages.flatMap((page) => page.items) ?? []).flatMap((row) => {
    const at = new Date(row.occurredAt);
    const given = row.contributions.filter((one) => one.ruleId === ruleId);
    if (given.length === 0 || at > asOf) return [];
    return [{ row, at, points: given.reduce((sum, one) => sum + one.points, 0) }];
  });
  return (
    <div className="reason-events">
      {history.error && <p className="small alarm">The events did not load.</p>}
      <ol>
        {rows.slice(0, SHOWN).map(({ row, at, points }) => (
          <li key={row.eventId} onPointerEnter={() => point(at.getTime())} onPointerLeave={() => point(null)}>
            <time dateTime={row.occurredAt}>{moment(at, zone, asOf)}</time>
            <span className="clip">{words(row.type)}</span>
            <span className="num">{signed(points, 2)}</span>
          </li>
        ))}
      </ol>
      {rows.length > SHOWN && <p className="small faint">And {rows.length - SHOWN} before these.</p>}
      {rows.length <= SHOWN && history.hasNextPage && (
        <button
          className="plain link small"
          type="button"
          disabled={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          Look further back
        </button>
      )}
      {rows.length === 0 && !history.hasNextPage && history.data && (
        <p className="small faint">No event gave points to it until now.</p>
      )}
    </div>
  );
}
