/** The marked lead of each list, remembered while the page lives, so that Back returns to the same place. */
import { useCallback, useState } from "react";

const marks = new Map<string, string>();

export function useMarked(query: string): [string | null, (leadId: string) => void] {
  const [, render] = useState(0);
  const mark = useCallback(
    (leadId: string) => {
      marks.set(query, leadId);
      render((count) => count + 1);
    },
    [query],
  );
  return [marks.get(query) ?? null, mark];
}

/** Mark a lead of a list that is not on the screen. */
export function markIn(query: string, leadId: string): void {
  marks.set(query, leadId);
}
