import { apportion, fixed } from "../format/numbers";
import type { Queued } from "./queueQuery";

/** Each reason begins where the one before ended, so they visibly add up to the score. */
export function Stairs({ lead }: { lead: Queued }) {
  const rest = lead.score - lead.reasons.reduce((sum, one) => sum + one.points, 0);
  const lines = [
    ...lead.reasons.map((one) => ({
      key: one.ruleId,
      label: one.label,
      times: one.count,
      points: one.points,
    })),
    ...(Math.abs(rest) >= 0.05 ? [{ key: "rest", label: "Everything else", times: 0, points: rest }] : []),
  ];
  const tenths = apportion(
    lines.map((line) => line.points),
    1,
  );
  const total = tenths.reduce((sum, one) => sum + one, 0) / 10;
  const widest = Math.max(60, total, ...lines.map((line) => line.points));
  let from = 0;
  return (
    <table className="stairs">
      <caption className="head">Why {fixed(total, 1)}</caption>
      <tbody>
        {lines.map((line, index) => {
          const points = (tenths[index] ?? 0) / 10;
          const begin = Math.min(from, from + points);
          from += points;
          return (
            <tr key={line.key} className={line.key === "rest" ? "rest" : undefined}>
              <th scope="row" className="what">
                {line.label} {line.times > 1 && <span>{line.times} times</span>}
              </th>
              <td className="bar">
                <Bar from={begin / widest} width={Math.abs(points) / widest} />
              </td>
              <td className="num">{fixed(points, 1)}</td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr className="sum">
          <th scope="row" className="what">
            Score
          </th>
          <td className={`bar is-${lead.stage}`}>
            <Bar from={0} width={Math.max(0, total) / widest} />
          </td>
          <td className="num">{fixed(total, 1)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

function Bar({ from, width }: { from: number; width: number }) {
  return (
    <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect x={Math.max(0, from) * 100} y="0" width={width * 100} height="10" />
    </svg>
  );
}
