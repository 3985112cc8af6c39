/** The order of the queue as it is shown: values are always the newest, places change only when somebody asks. */

export interface Kept<T> {
  rows: T[];
  /** Leads that would stand elsewhere, come, or go. */
  moved: number;
}

/** The newest rows in the shown order; one that has left the queue keeps its place as it was last seen. */
export function keepOrder<T extends { leadId: string }>(shown: readonly T[], newest: readonly T[]): Kept<T> {
  const fresh = new Map(newest.map((row) => [row.leadId, row]));
  const rows = shown.map((row) => fresh.get(row.leadId) ?? row);
  const places = new Map(newest.map((row, index) => [row.leadId, index]));
  const shownIds = new Set(shown.map((row) => row.leadId));
  const come = newest.filter((row) => !shownIds.has(row.leadId)).length;
  const gone = shown.filter((row) => !fresh.has(row.leadId)).length;
  let highest = -1;
  let elsewhere = 0;
  for (const row of rows) {
    const place = places.get(row.leadId);
    if (place === undefined) continue;
    if (place < highest) elsewhere += 1;
    highest = Math.max(highest, place);
  }
  return { rows, moved: come + gone + elsewhere };
}
