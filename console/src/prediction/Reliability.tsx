/** The reliability of a model: of leads with like predictions, how many reached the goal; the same as a table. */
import type { Schemas } from "../api/client";
import { between, percent } from "./words";

type Group = Schemas["ReliabilityView"];

const SIZE = 240;
const LEFT = 40;
const BELOW = 28;
const TOP = 8;
const STEPS = [0, 0.25, 0.5, 0.75, 1];

/** The largest share that is drawn: rare wins would otherwise all lie in a corner. */
export function reach(groups: readonly Group[]): number {
  const most = Math.max(0, ...groups.map((one) => Math.max(one.predicted, one.interval[1] ?? 0)));
  return Math.min(1, Math.ceil(most * 10) / 10) || 1;
}

export function Reliability({ groups, model }: { groups: readonly Group[]; model: string }) {
  const most = reach(groups);
  const x = (share: number) => LEFT + (share / most) * SIZE;
  const y = (share: number) => TOP + SIZE - (share / most) * SIZE;
  return (
    <div className="reliability">
      <svg
        viewBox={`0 0 ${LEFT + SIZE + 16} ${TOP + SIZE + BELOW}`}
        role="img"
        aria-label={`Predicted and reached shares of ${model}; the table has the figures`}
      >
        {STEPS.map((step) => (
          <g key={step} className="axis">
            <line x1={x(0)} x2={x(most)} y1={y(step * most)} y2={y(step * most)} />
            <text x={LEFT - 6} y={y(step * most) + 4} textAnchor="end">
              {Math.round(step * most * 100)} %
            </text>
            <text x={x(step * most)} y={TOP + SIZE + 18} textAnchor="middle">
              {Math.round(step * most * 100)}
            </text>
          </g>
        ))}
        <line className="exact" x1={x(0)} y1={y(0)} x2={x(most)} y2={y(most)} />
        {groups.map((one) => (
          <g key={one.upTo} className="group-mark">
            <line
              x1={x(one.predicted)}
              x2={x(one.predicted)}
              y1={y(one.interval[0] ?? 0)}
              y2={y(one.interval[1] ?? 1)}
            />
            <circle cx={x(one.predicted)} cy={y(one.wins / one.landmarks)} r={4} />
          </g>
        ))}
      </svg>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col" className="num">
              Predicted
            </th>
            <th scope="col" className="num">
              Reached
            </th>
            <th scope="col" className="num opt">
              Between
            </th>
            <th scope="col" className="num">
              Landmarks
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((one) => (
            <tr key={one.upTo}>
              <td className="num">{percent(one.predicted)}</td>
              <td className="num">{percent(one.wins / one.landmarks)}</td>
              <td className="num opt quiet">{between(one.interval)}</td>
              <td className="num">{one.landmarks}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
