/** The lead of a work list whose turn it is: the one in the address, or the first; J, K, R and Enter act on it. */
import { useActions } from "../keys/useActions";

interface Options {
  /** The lead in the address. */
  leadId: string | undefined;
  /** Put the lead into the address. */
  choose: (leadId: string) => void;
  open: (leadId: string) => void;
  bringUpToDate: () => void;
}

export interface Turn<T> {
  /** None while the list is empty. */
  current: T | undefined;
  /** On to the lead after it, if there is one. */
  next: () => void;
  /** On to the lead after it, or to the one before the last: the current one is about to leave the list. */
  leave: () => void;
}

export function useTurn<T extends { leadId: string }>(rows: readonly T[], options: Options): Turn<T> {
  const { leadId, open, bringUpToDate } = options;
  const index = Math.max(
    0,
    rows.findIndex((one) => one.leadId === leadId),
  );
  const current = rows[index];
  const choose = (row: T | undefined) => row && options.choose(row.leadId);
  const next = () => choose(rows[index + 1]);
  useActions({
    next,
    back: () => choose(rows[index - 1]),
    refresh: bringUpToDate,
    open: () => current && open(current.leadId),
  });
  return { current, next, leave: () => choose(rows[index + 1] ?? rows[index - 1]) };
}
