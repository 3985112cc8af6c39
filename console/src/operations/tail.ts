/** The newest events of a log that is followed: a pure function of the parts that were read. Bounded. */

export interface LogEvent {
  position: number;
  eventId: string;
  leadId: string;
  type: string;
  occurredAt: string;
  receivedAt: string;
  source: string;
}

export interface Tail {
  /** The newest first. */
  events: LogEvent[];
  /** Behind the last event that was read; null before the first read. */
  cursor: string | null;
  /** More have been appended since. */
  more: boolean;
  /** Events that were read and are not kept any more. */
  dropped: number;
  read: number;
}

export const MOST_KEPT = 1_000;
export const EMPTY: Tail = { events: [], cursor: null, more: false, dropped: 0, read: 0 };

/** The tail after a part of the log, the oldest event of which comes first. */
export function extended(tail: Tail, part: { items: LogEvent[]; cursor: string; more: boolean }): Tail {
  const last = tail.events[0]?.position ?? 0;
  const items = part.items.filter((one) => one.position > last);
  const events = [...items.toReversed(), ...tail.events];
  return {
    events: events.slice(0, MOST_KEPT),
    cursor: part.cursor,
    more: part.more,
    dropped: tail.dropped + Math.max(0, events.length - MOST_KEPT),
    read: tail.read + items.length,
  };
}

export interface TailFilter {
  /** The type, or the beginning of types with `*` behind it. */
  type?: string;
  lead?: string;
  source?: string;
}

export function matches(
  event: Pick<LogEvent, "leadId" | "source" | "type">,
  { type, lead, source }: TailFilter,
): boolean {
  if (source && event.source !== source) return false;
  if (lead && event.leadId !== lead) return false;
  if (!type) return true;
  return type.endsWith("*") ? event.type.startsWith(type.slice(0, -1)) : event.type === type;
}
