/** The name of a queue in the address of a lead that was opened from it, so that J and K follow the queue there. */

const QUEUE = "queue";

export function listOfQueue(owner: string | undefined): string {
  return owner === undefined ? QUEUE : `${QUEUE}:${owner}`;
}

/** Whose queue the name is of, or null if it is the query of a list. */
export function queueIn(list: string | undefined): { owner: string | undefined } | null {
  if (list === QUEUE) return { owner: undefined };
  return list?.startsWith(`${QUEUE}:`) ? { owner: list.slice(QUEUE.length + 1) } : null;
}
