/** Merges of a lead, read from its events: which other ids it consists of, and each event in words. Pure. */
import type { Entry } from "../leads/queries";

export interface Merge {
  /** The id that is part of the lead. */
  stream: string;
  at: string;
  by: string;
  why: string;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

/** The merges that stand, the latest first. The entries come newest first. */
export function standingMerges(entries: readonly Entry[]): Merge[] {
  const decided = new Set<string>();
  const standing: Merge[] = [];
  for (const { event, at } of entries) {
    if (event?.type === "lead.separated") decided.add(text(event.properties.stream));
    if (event?.type !== "lead.absorbed") continue;
    const { from, by, why } = event.properties;
    const stream = text(from);
    if (stream === "" || decided.has(stream)) continue;
    decided.add(stream);
    standing.push({ stream, at, by: text(by), why: text(why) });
  }
  return standing;
}

/** What an event says of a merge, or null for another one. */
export function mergeInWords(event: { type: string; properties: Record<string, unknown> }): string | null {
  const { into, from, stream, why } = event.properties;
  const what: Record<string, string> = {
    "lead.merged": `Merged into ${text(into)}`,
    "lead.absorbed": `${text(from)} became part of it`,
    "lead.unmerged": `No longer part of ${text(from)}`,
    "lead.separated": `${text(stream)} is no longer part of it`,
  };
  const said = what[event.type];
  if (said === undefined) return null;
  return text(why) === "" ? said : `${said}: ${text(why)}`;
}
