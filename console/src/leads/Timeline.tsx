import { useInfiniteQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { signed } from "../format/numbers";
import { clock, day, dayKey } from "../format/time";
import { words } from "../format/words";
import { Stage } from "../parts/Stage";
import { useSession } from "../session";
import { type HistoryRow, historyQuery } from "./queries";

/** What each event changed, newest first, by day. */
export function Timeline({ leadId }: { leadId: string }) {
  const { zone } = useSession().person;
  const now = new Date();
  const history = useInfiniteQuery(historyQuery(leadId));
  const rows = history.data?.pages.flatMap((page) => page.items) ?? [];
  const startsDay = (row: HistoryRow, index: number) => {
    const before = rows[index - 1];
    return !before || dayKey(new Date(before.occurredAt), zone) !== dayKey(new Date(row.occurredAt), zone);
  };
  return (
    <section aria-labelledby="timeline-title">
      <h2 className="head" id="timeline-title">
        Timeline
      </h2>
      {history.error && <p className="small alarm">The timeline did not load.</p>}
      <ol className="time">
        {rows.map((row, index) => (
          <Fragment key={row.eventId}>
            {startsDay(row, index) && (
              <li className="day">{words(day(new Date(row.occurredAt), zone, now))}</li>
            )}
            <Item row={row} zone={zone} />
          </Fragment>
        ))}
      </ol>
      {history.hasNextPage && (
        <button
          className="btn"
          type="button"
          disabled={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          Show older
        </button>
      )}
    </section>
  );
}

function Item({ row, zone }: { row: HistoryRow; zone: string }) {
  const points = row.contributions.reduce((sum, one) => sum + one.points, 0);
  return (
    <li>
      <time dateTime={row.occurredAt}>{clock(new Date(row.occurredAt), zone)}</time>
      <div>
        {words(row.type)}
        {row.stageBefore !== row.stageAfter && (
          <span className="to">
            <Stage name={row.stageBefore} />
            <svg
              className="arrow"
              viewBox="0 0 12 12"
              fill="none"
              stroke="currentColor"
              strokeWidth="1.5"
              aria-hidden="true"
            >
              <path d="M1 6h9M6.5 2.5 10 6l-3.5 3.5" />
            </svg>
            <span className="sr">to</span>
            <Stage name={row.stageAfter} />
          </span>
        )}
      </div>
      <span className="num strong">{Math.abs(points) < 0.005 ? "" : signed(points, 2)}</span>
    </li>
  );
}
