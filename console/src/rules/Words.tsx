/** A rulebook in words: chapters of paragraphs, tables and entries, as `lead-engine rulebook explain` prints them. */
import { Part } from "../parts/Part";
import type { Explanation } from "./queries";

type Chapter = Explanation["chapters"][number];
type Block = Chapter["blocks"][number];

export function Words({ explanation }: { explanation: Explanation }) {
  return explanation.chapters.map((chapter) => (
    <Part key={chapter.title} title={chapter.title}>
      {chapter.blocks.map((block, index) => (
        <BlockWords key={`${block.kind}-${index.toString()}`} block={block} chapter={chapter} at={index} />
      ))}
    </Part>
  ));
}

function BlockWords({ block, chapter, at }: { block: Block; chapter: Chapter; at: number }) {
  if (block.kind === "heading") return <h3 className="block-head">{block.text}</h3>;
  if (block.kind === "table") {
    const heading = chapter.blocks.slice(0, at).findLast((one) => one.kind === "heading");
    return <TableWords block={block} label={heading?.text || chapter.title} />;
  }
  if (block.kind === "entry") {
    return (
      <div className="entry">
        <h3 className="strong">{block.text}</h3>
        {block.lines.map((line) => (
          <p key={line} className="quiet">
            {line}
          </p>
        ))}
      </div>
    );
  }
  return <p className="quiet measure">{block.text}</p>;
}

function TableWords({ block, label }: { block: Block; label: string }) {
  const isNumber = (index: number) => block.numeric.includes(block.columns[index] ?? "");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
    <section className="scrolls" tabIndex={0} aria-label={`Table of ${label}`}>
      <table className="grid-table words">
        <thead>
          <tr>
            {block.columns.map((column, index) => (
              <th key={column} scope="col" className={isNumber(index) ? "num" : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row, at) => (
            <tr key={`row-${at.toString()}`}>
              {row.map((cell, index) => (
                <td
                  key={block.columns[index] ?? index}
                  className={[isNumber(index) && "num", cell.indented && "indented"]
                    .filter(Boolean)
                    .join(" ")}
                >
                  {cell.text}
                  {cell.detail && <span className="block small faint">{cell.detail}</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
