/** The difference of two texts, line by line: the shortest one, by longest common subsequence. */

/** Beyond so many pairs of lines that may be equal, everything between the common start and end counts as replaced. */
const MOST_PAIRS = 4_000_000;

export interface Line {
  kind: "same" | "minus" | "plus";
  text: string;
  /** Numbers of the line in the old and the new text, counted from 1; null where it is not in that text. */
  before: number | null;
  after: number | null;
}

/** All lines of both texts in order. Lines that were replaced stand before those that replace them. */
export function diffLines(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const lines: Line[] = [];
  let [old, now] = [0, 0];
  const push = (kind: Line["kind"]) => {
    const text = (kind === "plus" ? after[now] : before[old]) ?? "";
    lines.push({
      kind,
      text,
      before: kind === "plus" ? null : old + 1,
      after: kind === "minus" ? null : now + 1,
    });
    if (kind !== "plus") old += 1;
    if (kind !== "minus") now += 1;
  };
  for (let index = 0; index < head; index += 1) push("same");
  for (const kind of middle(
    before.slice(head, before.length - tail),
    after.slice(head, after.length - tail),
  )) {
    push(kind);
  }
  for (let index = 0; index < tail; index += 1) push("same");
  return lines;
}

/** The steps from one list to the other, in memory and time of the product of their lengths. */
function middle(before: readonly string[], after: readonly string[]): Line["kind"][] {
  if (before.length * after.length > MOST_PAIRS) {
    return [...before.map(() => "minus" as const), ...after.map(() => "plus" as const)];
  }
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const steps: Line["kind"][] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    if (row < before.length && column < after.length && before[row] === after[column]) {
      steps.push("same");
      row += 1;
      column += 1;
    } else if (
      row < before.length &&
      (column === after.length || at(row + 1, column) >= at(row, column + 1))
    ) {
      steps.push("minus");
      row += 1;
    } else {
      steps.push("plus");
      column += 1;
    }
  }
  return steps;
}

/** What differs with some lines around it; a number stands for so many lines that are the same. */
export function folded(lines: readonly Line[], around = 2): (Line | number)[] {
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some((one) => one.kind !== "same"),
  );
  const parts: (Line | number)[] = [];
  lines.forEach((line, index) => {
    const last = parts.at(-1);
    if (shown[index]) parts.push(line);
    else if (typeof last === "number") parts[parts.length - 1] = last + 1;
    else parts.push(1);
  });
  return parts;
}

const WORD = /[\p{L}\p{N}_]/u;

/** A line as the part it shares with the other at its start, what differs in whole words, and the part it shares at its end. */
export function differingPart(text: string, other: string): [string, string, string] {
  let head = 0;
  while (head < text.length && text[head] === other[head]) head += 1;
  let tail = 0;
  const most = Math.min(text.length, other.length) - head;
  while (tail < most && text.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  while (head > 0 && WORD.test(text[head - 1] ?? "")) head -= 1;
  while (tail > 0 && WORD.test(text.at(-tail) ?? "")) tail -= 1;
  return [text.slice(0, head), text.slice(head, text.length - tail), text.slice(text.length - tail)];
}

/** Each removed line with the added one that stands in its place, where a block of lines was replaced by as many. */
export function pairs(lines: readonly Line[]): Map<Line, Line> {
  const found = new Map<Line, Line>();
  for (let start = 0; start < lines.length; start += 1) {
    if (lines[start]?.kind !== "minus") continue;
    let end = start;
    while (lines[end]?.kind === "minus") end += 1;
    let stop = end;
    while (lines[stop]?.kind === "plus") stop += 1;
    if (stop - end === end - start) {
      for (let index = start; index < end; index += 1) {
        const [minus, plus] = [lines[index], lines[index + end - start]];
        if (minus && plus) found.set(minus, plus).set(plus, minus);
      }
    }
    start = stop - 1;
  }
  return found;
}
