/** What is in a file: how it is written, and its first rows as they are. */
import { Part } from "../parts/Part";
import "../rules/rules.css";
import type { Inspection } from "./queries";

export function FirstRows({ found }: { found: Inspection }) {
  const rows = found.rows.toLocaleString("en-GB");
  return (
    <Part title="What is in it">
      <p className="opening">
        {found.whole ? `${rows} ${found.rows === 1 ? "row" : "rows"}` : `More than ${rows} rows`},{" "}
        {found.columns.length} {found.columns.length === 1 ? "column" : "columns"}
        {found.recognised && `: an export of ${found.recognised}`}.
      </p>
      <ul className="points small">
        {[...found.file, ...found.notes].map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by the keyboard */}
      <section className="scrolls" aria-label="First rows" tabIndex={0}>
        <table className="grid-table first-rows">
          <thead>
            <tr>
              {found.columns.map((one, index) => (
                <th key={`${one.name}-${index.toString()}`} scope="col">
                  {one.name || <span className="faint">no name of its own</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.firstRows.map((row, index) => (
              <tr key={`row-${index.toString()}`}>
                {row.map((cell, place) => (
                  <td key={`cell-${place.toString()}`}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Part>
  );
}
