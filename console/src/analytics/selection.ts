/** Which numbers are looked at, as it stands in the address: the grouping, the period, the filter, and the number that is opened. Pure. */

export const GROUPINGS = ["sequence", "step", "variant", "channel", "campaign"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export const PERIODS = [7, 30, 90, 365] as const;
export const USUAL_DAYS = 90;

/** Numbers of a row in the order of what happens to a message; the last counts leads. */
export const MEASURES = [
  ["sent", "Sent"],
  ["delivered", "Delivered"],
  ["opened", "Opened"],
  ["clicked", "Clicked"],
  ["replied", "Replied"],
  ["meetings", "Meetings"],
  ["optOuts", "Opted out"],
  ["bounces", "Bounced"],
  ["withheld", "Withheld"],
  ["conversions", "Won"],
] as const;
export type Measure = (typeof MEASURES)[number][0];

/** The names that a row has; which of them there are depends on the grouping. */
export interface Row {
  sequence?: string;
  step?: string;
  variant?: string;
  channel?: string;
  campaign?: string;
}

export interface AnalyticsSearch extends Row {
  by?: Grouping;
  days?: number;
  /** The number that is opened: of the row that the names say. */
  measure?: Measure;
  reason?: string;
  intent?: string;
}

const NAMES = ["sequence", "step", "variant", "channel", "campaign", "reason", "intent"] as const;

/** What an address says; anything that cannot be is left out. */
export function searchOf(search: Record<string, unknown>): AnalyticsSearch {
  const found: AnalyticsSearch = {};
  const by = GROUPINGS.find((one) => one === search.by);
  if (by && by !== "sequence") found.by = by;
  const days = PERIODS.find((one) => one === Number(search.days));
  if (days && days !== USUAL_DAYS) found.days = days;
  const measure = MEASURES.find(([name]) => name === search.measure)?.[0];
  if (measure) found.measure = measure;
  for (const name of NAMES) {
    const value = search[name];
    if (typeof value === "string" && value !== "") found[name] = value;
  }
  return found;
}

interface Named {
  sequence: string | null;
  version: number | null;
  step: string | null;
  variant: string | null;
  channel: string | null;
  campaign: string | null;
}

/** The names of a row as the API takes them: a sequence with its version. */
export function rowOf({ sequence, version, step, variant, channel, campaign }: Named): Row {
  const named = sequence !== null && version !== null ? `${sequence}@${version}` : sequence;
  const all = { sequence: named, step, variant, channel, campaign };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

/** A share and the ends of its interval, such as "10.8 % (7 to 16)". */
export function shareInWords({ share, low, high }: { share: number; low: number; high: number }): string {
  const percent = (value: number, digits: number) => (100 * value).toFixed(digits);
  return `${percent(share, 1)} % (${percent(low, 0)} to ${percent(high, 0)})`;
}
