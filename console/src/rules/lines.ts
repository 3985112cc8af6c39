/** A rulebook in words as lines of text, to be compared with those of another one. */
import type { Explanation } from "./queries";

type Block = Explanation["chapters"][number]["blocks"][number];

export function linesOf(explanation: Explanation): string[] {
  return explanation.chapters.flatMap(({ title, blocks }) => [title, ...blocks.flatMap(linesOfBlock)]);
}

function linesOfBlock({ kind, text, lines, columns, rows }: Block): string[] {
  if (kind !== "table") return [text, ...lines].filter((one) => one !== "");
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const column = columns[index];
        const said = cell.detail ? `${cell.text} (${cell.detail})` : cell.text;
        return index > 1 && column && said ? `${column.toLowerCase()} ${said}` : said;
      })
      .filter((one) => one.trim() !== "")
      .join(", "),
  );
}
