import { Fragment, useState } from "react";
import type { Schemas } from "../api/client";
import { fixed, ledger, signed } from "../format/numbers";
import { day, moment } from "../format/time";
import { words } from "../format/words";
import { useSession } from "../session";
import type { Intelligence } from "./queries";
import { ReasonEvents } from "./ReasonEvents";

type Reason = Schemas["ReasonView"];

const points = (hundredths: number) => fixed(hundredths / 100, 2);
const unlessZero = (hundredths: number) => (hundredths === 0 ? "" : points(hundredths));

interface Props {
  found: Intelligence;
  /** The same moment without some types of events and some rules. */
  changed: Intelligence | undefined;
  /** Types of events that are left out. */
  without: string[];
  /** Ids of rules that are left out. */
  withoutRule: string[];
  changeRules: (withoutRule: string[]) => void;
  point: (at: number | null) => void;
}

/** Every reason is a line; the lines add up to the score, and in each line what was given, faded and limited to its points. */
export function Ledger({ found, changed, without, withoutRule, changeRules, point }: Props) {
  const { zone } = useSession().person;
  const now = new Date(found.asOf);
  const [open, setOpen] = useState<string | null>(null);
  const reasons = [...found.reasons].sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
  const { rows, total } = ledger(reasons);
  const left = [
    ...without.map((one) => words(one).toLowerCase()),
    ...withoutRule.map((id) => labelOf(found, id)),
  ];
  return (
    <table className="ledger">
      <thead>
        <tr>
          <th scope="col">
            <span className="sr">Counts</span>
          </th>
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
          const id = reason.ruleId;
          const isOpen = open === id;
          return (
            <Fragment key={id}>
              <tr className={isOut(reason, changed) ? "out" : undefined}>
                <td className="counts">
                  <RuleSwitch reason={reason} without={withoutRule} change={changeRules} />
                </td>
                <th scope="row">
                  {reason.count > 0 ? (
                    <button
                      className="plain reason"
                      type="button"
                      aria-expanded={isOpen}
                      onClick={() => setOpen(isOpen ? null : id)}
                    >
                      {reason.label}
                    </button>
                  ) : (
                    reason.label
                  )}
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
              {isOpen && (
                <tr className="events-of">
                  <td className="counts" />
                  <td colSpan={7}>
                    <ReasonEvents leadId={found.leadId} ruleId={id} asOf={now} point={point} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <td className="counts" />
          <th scope="row">Score</th>
          <td className="opt" />
          <td className="opt" />
          <td className="num opt">{points(total.given)}</td>
          <td className="num opt">{unlessZero(total.faded)}</td>
          <td className="num opt">{unlessZero(total.limits)}</td>
          <td className="num">{points(total.points)}</td>
        </tr>
        {changed && left.length > 0 && (
          <tr className="if">
            <td className="counts" />
            <th scope="row" colSpan={5}>
              Without {left.join(", ")}
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

interface SwitchProps {
  reason: Reason;
  without: string[];
  change: (withoutRule: string[]) => void;
}

/** Whether the rule counts; a line that no rule makes has no switch. */
function RuleSwitch({ reason, without, change }: SwitchProps) {
  const counts = !without.includes(reason.ruleId);
  if (reason.count === 0 && counts) return null;
  return (
    <button
      className="switch lone"
      type="button"
      role="switch"
      aria-checked={counts}
      aria-label={`Count ${reason.label}`}
      title={counts ? "What if this did not count?" : "Count it again"}
      onClick={() =>
        change(counts ? [...without, reason.ruleId] : without.filter((one) => one !== reason.ruleId))
      }
    />
  );
}

function labelOf(found: Intelligence, ruleId: string): string {
  return (found.reasons.find((one) => one.ruleId === ruleId)?.label ?? words(ruleId)).toLowerCase();
}

function short(at: string, zone: string, now: Date): string {
  const text = day(new Date(at), zone, now);
  return text === "today" ? moment(new Date(at), zone, now) : text;
}

function isOut(reason: Reason, changed: Intelligence | undefined): boolean {
  return changed !== undefined && !changed.reasons.some((one) => one.ruleId === reason.ruleId);
}
