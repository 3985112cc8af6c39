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
      <Reasons now={now} then={then} />
      {ended !== "open" && <p className="small faint">Ended {ended}.</p>}
    </li>
  );
}

type Side = ComparedLead["now"];

/** As many reasons as a side has at most: one that is not among that many may have some points all the same. */
const MOST_REASONS = 6;

const pointsOf = ({ reasons }: Side, id: string) =>
  reasons.find((one) => one.ruleId === id)?.points ?? (reasons.length < MOST_REASONS ? 0 : null);

/** What makes the difference in one line, and both explanations side by side. */
function Reasons({ now, then }: { now: Side; then: Side }) {
  const labels = new Map([...now.reasons, ...then.reasons].map((one) => [one.ruleId, one.label]));
  const rows = [...labels].map(([id, label]) => ({
    id,
    label,
    before: pointsOf(now, id),
    after: pointsOf(then, id),
  }));
  const differing = rows.flatMap(({ label, before, after }) =>
    before === null || after === null || Math.abs(after - before) < 0.05
      ? []
      : `${label} ${fixed(before, 1)} → ${fixed(after, 1)}`,
  );
  if (rows.length === 0) return null;
  return (
    <details className="small">
      <summary>{differing.join(", ") || "Both explanations"}</summary>
      <table className="grid-table sides">
        <thead>
          <tr>
            <th scope="col">Why</th>
            <th scope="col" className="num">
              Now
            </th>
            <th scope="col" className="num">
              Then
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, label, before, after }) => (
            <tr key={id}>
              <th scope="row">{label}</th>
              <td className="num">{before === null ? <Smaller /> : signed(before, 1)}</td>
              <td className="num strong">{after === null ? <Smaller /> : signed(after, 1)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">Score</th>
            <td className="num">{fixed(now.score, 1)}</td>
            <td className="num strong">{fixed(then.score, 1)}</td>
          </tr>
        </tbody>
      </table>
    </details>
  );
}

/** Points that are not among the largest, and are not known here. */
const Smaller = () => <span className="faint">smaller</span>;
