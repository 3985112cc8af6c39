import type { Schemas } from "../api/client";
import { fixed, ledger, signed } from "../format/numbers";
import { day, moment } from "../format/time";
import { words } from "../format/words";
import { useSession } from "../session";
import type { Intelligence } from "./queries";

type Reason = Schemas["ReasonView"];

const points = (hundredths: number) => fixed(hundredths / 100, 2);
const unlessZero = (hundredths: number) => (hundredths === 0 ? "" : points(hundredths));

interface Props {
  found: Intelligence;
  /** The same moment without some types of events. */
  changed: Intelligence | undefined;
  without: string[];
}

/** Every reason is a line; the lines add up to the score, and in each line what was given, faded and limited to its points. */
export function Ledger({ found, changed, without }: Props) {
  const { zone } = useSession().person;
  const now = new Date(found.asOf);
  const reasons = [...found.reasons].sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
  const { rows, total } = ledger(reasons);
  return (
    <table className="ledger">
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <th scope="col" className="num opt">
            Times
          </th>
          <th scope="col" className="num opt">
            Last
          </th>
          <th scope="col" className="num opt">
            Given
          </th>
          <th scope="col" className="num opt">
            Faded
          </th>
          <th scope="col" className="num opt">
            Limits
          </th>
          <th scope="col" className="num">
            Points
          </th>
        </tr>
      </thead>
      <tbody>
        {reasons.map((reason, index) => {
          const row = rows[index];
          if (!row) return null;
          return (
            <tr key={reason.ruleId} className={isOut(reason, changed) ? "out" : undefined}>
              <th scope="row">
                {reason.label}
                <span className="group">{words(reason.group)}</span>
              </th>
              <td className="num opt">{reason.count || ""}</td>
              <td className="num opt">
                {reason.lastEventAt && (
                  <time dateTime={reason.lastEventAt}>{short(reason.lastEventAt, zone, now)}</time>
                )}
              </td>
              <td className="num opt">{points(row.given)}</td>
              <td className="num opt">{unlessZero(row.faded)}</td>
              <td className="num opt">{unlessZero(row.limits)}</td>
              <td className="num strong">{points(row.points)}</td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Score</th>
          <td className="opt" />
          <td className="opt" />
          <td className="num opt">{points(total.given)}</td>
          <td className="num opt">{unlessZero(total.faded)}</td>
          <td className="num opt">{unlessZero(total.limits)}</td>
          <td className="num">{points(total.points)}</td>
        </tr>
        {changed && without.length > 0 && (
          <tr className="if">
            <th scope="row" colSpan={5}>
              Without {without.map((one) => words(one).toLowerCase()).join(", ")}
              <span>
                {changed.stage === found.stage
                  ? `Still ${found.stage}`
                  : `${words(changed.stage)} instead of ${found.stage}`}
                {changed.details.drop &&
                  `, falls to ${changed.details.drop.stage} ${moment(new Date(changed.details.drop.at), zone, now)}`}
                . Nothing is saved.
              </span>
            </th>
            <td className="num opt">{signed(changed.score - found.score, 2)}</td>
            <td className="num">{fixed(changed.score, 2)}</td>
          </tr>
        )}
      </tfoot>
    </table>
  );
}

function short(at: string, zone: string, now: Date): string {
  const text = day(new Date(at), zone, now);
  return text === "today" ? moment(new Date(at), zone, now) : text;
}

function isOut(reason: Reason, changed: Intelligence | undefined): boolean {
  return changed !== undefined && !changed.reasons.some((one) => one.ruleId === reason.ruleId);
}
