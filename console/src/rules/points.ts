/** Points of rules, changed in the text of a rulebook where they are written. Pure. */
import type { Schemas } from "../api/client";

export type RulePoints = Schemas["RulePointsView"];

/** The text with the wanted points by rule, and nothing else changed; null if it is not the text they were found in. */
export function withPoints(
  text: string,
  found: readonly RulePoints[],
  wanted: ReadonlyMap<string, number>,
): string | null {
  const lines = text.split("\n");
  // From the last to the first, so that columns before a change stay what they are. They count characters, not code units.
  for (const { ruleId, line, column, written } of found.toReversed()) {
    const points = wanted.get(ruleId);
    if (points === undefined || Number(written) === points) continue;
    const characters = Array.from(lines[line - 1] ?? "");
    const before = characters.slice(0, column - 1).join("");
    const rest = characters.slice(column - 1).join("");
    if (!rest.startsWith(written)) return null;
    lines[line - 1] = `${before}${points}${rest.slice(written.length)}`;
  }
  return lines.join("\n");
}

/** What was typed as numbers; fields that hold none are left out. */
export function numbersOf(typed: ReadonlyMap<string, string>): Map<string, number> {
  return new Map(
    [...typed].flatMap(([id, value]) => {
      const number = Number(value);
      return value.trim() !== "" && Number.isFinite(number) ? [[id, number] as const] : [];
    }),
  );
}
