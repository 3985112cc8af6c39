import type { ReactNode } from "react";
import { Part } from "../parts/Part";
import { Stage } from "../parts/Stage";
import { LeadsNumber } from "./LeadsNumber";
import type { Figures } from "./queries";
import { percent } from "./sentences";

interface Props {
  previewId: string;
  figures: Figures;
}

/** Leads from stage to stage, those that stay left out. */
export function Moves({ previewId, figures }: Props) {
  const moves = figures.stages.filter((one) => one.before !== one.after && one.leads > 0);
  if (moves.length === 0) return null;
  return (
    <Part title="Leads that move">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Now, then</th>
            <th scope="col" className="num">
              Leads
            </th>
          </tr>
        </thead>
        <tbody>
          {moves.map(({ before, after, leads }) => (
            <tr key={`${before} ${after}`}>
              <th scope="row">
                <span className="to">
                  <Stage name={before} /> <span className="faint">to</span> <Stage name={after} />
                </span>
              </th>
              <td className="num">
                <LeadsNumber
                  previewId={previewId}
                  count={leads}
                  behind={{ before, after }}
                  of={`from ${before} to ${after}`}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}

const MOVED = { up: "Move up", down: "Move down", not: "Stay" } as const;
const ENDS = ["won", "lost", "disqualified", "open"] as const;

/** How the leads ended that move, and those that stay. */
export function Ends({ previewId, figures }: Props) {
  const rows = figures.ended.filter((one) => one.leads > 0);
  return (
    <Part title="How these leads ended">
      <EndsTable
        rows={rows}
        count={(moved, ended, count) => (
          <LeadsNumber
            previewId={previewId}
            count={count}
            behind={{ moved, ended }}
            of={`${MOVED[moved]}, ${ended}`}
          />
        )}
      />
    </Part>
  );
}

interface EndsTableProps {
  rows: Figures["ended"];
  label?: string;
  count?: (moved: keyof typeof MOVED, ended: (typeof ENDS)[number], count: number) => ReactNode;
}

/** Endings by which way leads move; `count` shows a number, as it is if left out. */
export function EndsTable({ rows, label, count = (_moved, _ended, number) => number }: EndsTableProps) {
  return (
    <table className="grid-table wraps" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">Leads that</th>
          {ENDS.map((end) => (
            <th key={end} scope="col" className="num">
              {end}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const moved = row.moved as keyof typeof MOVED;
          return (
            <tr key={moved}>
              <th scope="row">{MOVED[moved]}</th>
              {ENDS.map((ended) => (
                <td key={ended} className="num">
                  {count(moved, ended, row[ended])}
                  {ended === "won" && <WinShare row={row} />}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** The share that was won, with its interval under it: one column less, so that a phone holds the table. */
function WinShare({ row: { winShare, interval } }: { row: Figures["ended"][number] }) {
  if (winShare === null) return null;
  return (
    <span className="win-share">
      <span className="strong">{percent(winShare)}</span>
      {interval && (
        <span className="small faint">
          {percent(interval[0] ?? 0)} to {percent(interval[1] ?? 1)}
        </span>
      )}
    </span>
  );
}
