import { useState } from "react";

/** The selected leads of a list; another list begins with none. */
export function useSelection(query: string, shown: readonly string[]) {
  const [chosen, setChosen] = useState<{ query: string; ids: ReadonlySet<string> }>({
    query,
    ids: new Set(),
  });
  const ids = chosen.query === query ? chosen.ids : new Set<string>();
  const set = (next: Iterable<string>) => setChosen({ query, ids: new Set(next) });
  return {
    selected: ids,
    list: shown.filter((one) => ids.has(one)),
    toggle: (leadId: string) =>
      set(ids.has(leadId) ? [...ids].filter((one) => one !== leadId) : [...ids, leadId]),
    all: (on: boolean) => set(on ? shown : []),
    clear: () => set([]),
  };
}
