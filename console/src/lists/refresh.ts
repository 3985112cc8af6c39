/** Changing rows of a list where they stand: the order is kept, and it is counted what would stand elsewhere. */
import { type Filter, type Lead, matches, sortValue } from "./filter";

export interface Refreshed {
  leads: Lead[];
  /** Ids of leads that would stand elsewhere, leave the list, or come into the part of it that is shown. */
  moved: string[];
}

/**
 * The shown leads with newer rows in their places. A row that is not newer changes nothing. `complete` says that the
 * list ends with the last of them.
 */
export function refresh(
  leads: readonly Lead[],
  newer: readonly Lead[],
  { filter, me, complete }: { filter: Filter; me: string; complete: boolean },
): Refreshed {
  const byId = new Map(newer.map((lead) => [lead.leadId, lead]));
  const shown = new Set(leads.map((lead) => lead.leadId));
  const rows = leads.map((lead) => {
    const fresh = byId.get(lead.leadId);
    return fresh && fresh.position > lead.position ? fresh : lead;
  });
  const sort = filter.sort ?? "-score";
  const sign = sort.startsWith("-") ? -1 : 1;
  const before = (a: Lead, b: Lead) => sign * (sortValue(a, sort) - sortValue(b, sort));
  const moved = new Set<string>();
  for (const [index, row] of rows.entries()) {
    if (row === leads[index]) continue;
    const above = rows[index - 1];
    const below = rows[index + 1];
    const misplaced = (above && before(above, row) > 0) || (below && before(row, below) > 0);
    if (misplaced || !matches(row, filter, me)) moved.add(row.leadId);
  }
  const last = rows[rows.length - 1];
  for (const lead of newer) {
    if (shown.has(lead.leadId) || !matches(lead, filter, me)) continue;
    if (complete || !last || before(lead, last) < 0) moved.add(lead.leadId);
  }
  return { leads: rows, moved: [...moved] };
}
