import { useInfiniteQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { currentTime } from "../clock";
import { signed } from "../format/numbers";
import { clock, day, dayKey } from "../format/time";
import { words } from "../format/words";
import { mergeInWords } from "../merges/merges";
import { Stage } from "../parts/Stage";
import { useSession } from "../session";
import { type Entry, timelineQuery } from "./queries";

/** Everything that happened and what it changed, newest first, by day. */
export function Timeline({ leadId, point }: { leadId: string; point: (at: number | null) => void }) {
  const { zone } = useSession().person;
  const now = currentTime();
  const timeline = useInfiniteQuery(timelineQuery(leadId));
  const rows = timeline.data?.pages.flatMap((page) => page.items) ?? [];
  const startsDay = (row: Entry, index: number) => {
    const before = rows[index - 1];
    return !before || dayKey(new Date(before.at), zone) !== dayKey(new Date(row.at), zone);
  };
  return (
    <section aria-labelledby="timeline-title">
      <h2 className="head" id="timeline-title">
        Timeline
      </h2>
      {timeline.error && <p className="small alarm">The timeline did not load.</p>}
      <ol className="time">
        {rows.map((row, index) => (
          <Fragment key={row.event?.eventId ?? row.execution?.executionId}>
            {startsDay(row, index) && <li className="day">{words(day(new Date(row.at), zone, now))}</li>}
            <Item row={row} zone={zone} point={point} />
          </Fragment>
        ))}
      </ol>
      {timeline.hasNextPage && (
        <button
          className="btn"
          type="button"
          disabled={timeline.isFetchingNextPage}
          onClick={() => void timeline.fetchNextPage()}
        >
          Show older
        </button>
      )}
    </section>
  );
}

function Item({ row, zone, point }: { row: Entry; zone: string; point: (at: number | null) => void }) {
  const { event, execution, change } = row;
  const points = change?.contributions.reduce((sum, one) => sum + one.points, 0) ?? 0;
  const note = event?.properties.note;
  const sequence = event?.type.startsWith("sequence.") && event.properties.sequence;
  return (
    <li onPointerEnter={() => point(Date.parse(row.at))} onPointerLeave={() => point(null)}>
      <time dateTime={row.at}>{clock(new Date(row.at), zone)}</time>
      <div>
        {event && (mergeInWords(event) ?? words(event.type))}
        {typeof sequence === "string" && <span className="faint"> {sequence}</span>}
        {execution && (
          <>
            Rule {words(execution.ruleId).toLowerCase()} <span className="faint">{execution.state}</span>
          </>
        )}
        {typeof note === "string" && note !== "" && <p className="said-there quiet">{note}</p>}
        {change && change.stageBefore !== change.stageAfter && (
          <span className="to">
            <Stage name={change.stageBefore} />
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
            <Stage name={change.stageAfter} />
          </span>
        )}
      </div>
      <span className="num strong">{Math.abs(points) < 0.005 ? "" : signed(points, 2)}</span>
    </li>
  );
}
