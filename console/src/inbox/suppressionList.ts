/** The suppression list as a file: one address, number or domain per line in, CSV out. Pure. */
import type { Schemas } from "../api/client";

export type Suppressed = Schemas["SuppressionView"];

/** So many entries go in one call. */
export const AT_A_TIME = 1000;

/** The entries in a text: the first column of every line, without the name of the column. */
export function valuesIn(text: string): string[] {
  const cells = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line) => (/^\s*"((?:[^"]|"")*)"/.exec(line)?.[1] ?? line.split(/[,;\t]/)[0] ?? "").trim())
    .filter((cell) => cell !== "");
  const names = ["value", "email", "e-mail", "address", "phone", "domain"];
  return names.includes((cells[0] ?? "").toLowerCase()) ? cells.slice(1) : cells;
}

/** The entries as CSV. A cell that a spreadsheet would take for a formula is made text. */
export function csvOf(entries: readonly Suppressed[]): string {
  const rows = entries.map((one) => [
    one.value ?? "[erased]",
    one.kind,
    one.scope,
    one.why,
    one.source,
    one.at,
  ]);
  return [["value", "kind", "scope", "why", "source", "at"], ...rows]
    .map((row) => row.map(cell).join(","))
    .join("\r\n")
    .concat("\r\n");
}

function cell(text: string): string {
  const safe = /^[=@\t\r]|^[+-](?!\d+$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
