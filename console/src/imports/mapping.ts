/** A mapping by columns: what each column of a file is for, and the text that `lead-engine import` reads. Pure. */

/** What a column may say who somebody is by. */
export const IDENTIFIERS = ["email", "phone", "userId", "anonymousId"] as const;
export type Identifier = (typeof IDENTIFIERS)[number];

export type Use =
  | { as: Identifier }
  | { as: "leadId" | "occurredAt" | "ignored" }
  | { as: "property"; name: string };

/** A column as far as a mapping needs it. */
export interface Column {
  name: string;
  kind: string;
  formats: readonly string[];
  property: string | null;
}

export interface ByColumns {
  source: string;
  /** The type of the event that each row makes. */
  type: string;
  uses: Readonly<Record<string, Use>>;
}

const named = (columns: readonly Column[]) => columns.filter((one) => one.name !== "");

/** What each column is likely for: the first address, number and time are taken for those, the rest are properties. */
export function suggestedUses(columns: readonly Column[]): Record<string, Use> {
  const first = (kind: string, name?: string) =>
    named(columns).find((one) => one.kind === kind || (name !== undefined && one.property === name))?.name;
  const [email, phone] = [first("e-mail", "email"), first("phone", "phone")];
  const singles = new Map<string | undefined, Use>([
    [email, { as: "email" }],
    [phone, { as: "phone" }],
    [first("time"), { as: "occurredAt" }],
  ]);
  if (email === undefined && phone === undefined) singles.set(first("id"), { as: "leadId" });
  return Object.fromEntries(named(columns).map((one) => [one.name, singles.get(one.name) ?? property(one)]));
}

const property = (column: Column): Use =>
  column.kind !== "empty" && column.property !== null
    ? { as: "property", name: column.property }
    : { as: "ignored" };

/** Text with a column in it, as templates write it; braces in a name cannot be written. */
const hole = (column: string) => `{${column}}`;
const yaml = (value: string) => JSON.stringify(value);
const TYPES: Record<string, string> = {
  number: "number",
  "yes or no": "boolean",
  list: "list",
  time: "time",
};

/** The mapping as YAML. `now` is when the rows occurred (RFC 3339) if no column says it. */
export function mappingText(columns: readonly Column[], wanted: ByColumns, now: string): string {
  const of = (as: Use["as"]) => named(columns).filter((one) => wanted.uses[one.name]?.as === as);
  const lines = [`source: ${yaml(wanted.source)}`];
  const leadId = of("leadId")[0];
  if (leadId) lines.push(`leadId: ${yaml(hole(leadId.name))}`);
  const identifiers = IDENTIFIERS.flatMap((kind) => of(kind).map((one) => `  ${kind}: ${yaml(one.name)}`));
  if (identifiers.length > 0) lines.push("identifiers:", ...identifiers);
  lines.push("events:", `  - type: ${yaml(wanted.type)}`);
  lines.push(`    eventId: ${yaml(`${wanted.source}:${wanted.type}:{*|hash}`)}`);
  const time = of("occurredAt")[0];
  lines.push(`    occurredAt: ${time ? moment(time) : `{base: ${yaml(now)}}`}`);
  const properties = of("property").map((one) => propertyLine(one, wanted.uses[one.name]));
  if (properties.length > 0) lines.push("    properties:", ...properties);
  return `${lines.join("\n")}\n`;
}

const moment = (column: Column) => `{column: ${yaml(column.name)}${formats(column)}}`;
const formats = ({ formats: known }: Column) =>
  known.length > 0 ? `, format: [${known.map(yaml).join(", ")}]` : "";

function propertyLine(column: Column, use: Use | undefined): string {
  const name = use?.as === "property" ? use.name : column.name;
  const type = TYPES[column.kind];
  if (!type) return `      ${yaml(name)}: ${yaml(column.name)}`;
  const rest = type === "time" ? formats(column) : "";
  return `      ${yaml(name)}: {column: ${yaml(column.name)}, type: ${type}${rest}}`;
}

/** What still stands in the way, in a sentence; null if nothing does. */
export function missing({ source, type, uses }: ByColumns): string | null {
  const used = Object.values(uses);
  const has = (as: Use["as"]) => used.some((one) => one.as === as);
  if (source.trim() === "") return "Say where the rows come from.";
  if (type.trim() === "") return "Say what each row is: the type of its event.";
  if (!has("leadId") && !IDENTIFIERS.some(has)) return "Choose the column that says who each row is about.";
  const names = used.flatMap((one) => (one.as === "property" ? [one.name.trim()] : []));
  if (names.includes("")) return "Name each property.";
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? null : `Two columns have the property ${twice}.`;
}

/** The uses with this one for a column; what only one column can be for is taken from the other. */
export function changed(uses: ByColumns["uses"], column: string, use: Use): Record<string, Use> {
  const single = use.as !== "property" && use.as !== "ignored";
  const others = Object.entries(uses).map(([name, one]): [string, Use] =>
    single && name !== column && one.as === use.as ? [name, { as: "ignored" }] : [name, one],
  );
  return { ...Object.fromEntries(others), [column]: use };
}
