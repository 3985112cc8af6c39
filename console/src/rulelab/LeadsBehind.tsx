import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { fixed, signed } from "../format/numbers";
import { Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { Stage } from "../parts/Stage";
import { type Behind, type ComparedLead, leadsBehindQuery } from "./queries";
import { behindInWords } from "./sentences";

/** The leads behind one number, each with its largest reasons under both rulebooks. */
export function LeadsBehind({ previewId, behind }: { previewId: string; behind: Behind }) {
  const leads = useInfiniteQuery(leadsBehindQuery(previewId, behind));
  const isAll = Object.values(behind).every((one) => one === undefined);
  return (
    <div id="leads">
      <Part
        title={behindInWords(behind)}
        aside={
          !isAll && (
            <Link
              className="link small"
              to="/rules/previews/$previewId"
              params={{ previewId }}
              search={{}}
              replace
              resetScroll={false}
            >
              All leads
            </Link>
          )
        }
      >
        <Pages query={leads} what="The list" empty="None so far.">
          {(items) => (
            <ul className="entries">
              {items.map((one) => (
                <Compared key={one.leadId} lead={one} />
              ))}
            </ul>
          )}
        </Pages>
      </Part>
    </div>
  );
}

function Compared({ lead: { leadId, now, then, difference, ended } }: { lead: ComparedLead }) {
  return (
    <li>
      <div className="entry-head">
        <Link className="link strong" to="/leads/$leadId" params={{ leadId }}>
          {leadId}
        </Link>
        <span className="to">
          {now.stage !== then.stage && (
            <>
              <Stage name={now.stage} /> <span className="faint">to</span>
            </>
          )}
          <Stage name={then.stage} />
        </span>
        <span>
          {fixed(now.score, 1)} → <span className="strong">{fixed(then.score, 1)}</span>{" "}
          <span className="quiet">{signed(difference, 1)}</span>
        </span>
      </div>
      <Reasons now={now.reasons} then={then.reasons} />
      {ended !== "open" && <p className="small faint">Ended {ended}.</p>}
    </li>
  );
}

type Reason = ComparedLead["now"]["reasons"][number];

/** As many reasons as a side has at most: one that is not among that many may have some points all the same. */
const MOST_REASONS = 6;

/** The reasons whose points differ, as far as both sides say theirs. */
function Reasons({ now, then }: { now: readonly Reason[]; then: readonly Reason[] }) {
  const points = (side: readonly Reason[], id: string) =>
    side.find((one) => one.ruleId === id)?.points ?? (side.length < MOST_REASONS ? 0 : null);
  const reasons = new Map([...now, ...then].map((one) => [one.ruleId, one.label]));
  const differing = [...reasons].flatMap(([id, label]) => {
    const before = points(now, id);
    const after = points(then, id);
    if (before === null || after === null || Math.abs(after - before) < 0.05) return [];
    return `${label} ${fixed(before, 1)} → ${fixed(after, 1)}`;
  });
  if (differing.length === 0) return null;
  return <p className="small quiet">{differing.join(", ")}</p>;
}
