/** A conversation as one list: what we sent and what the lead wrote, newest first. Pure. */
import type { Message, Received } from "./queries";

export type Entry =
  | { kind: "sent"; at: number; key: string; message: Message }
  | { kind: "received"; at: number; key: string; received: Received };

interface Part<T> {
  items: readonly T[];
  /** Whether older ones are not read yet. */
  more: boolean;
}

/** When a message went out, or when it is to; before that it was written. */
export function momentOf(message: Message): number {
  const sent = message.history.find((one) => one.type === "message.sent");
  return Date.parse(sent?.at ?? message.dueAt ?? message.createdAt);
}

/** Both parts in one order. What is older than an unread page of the other part waits, so nothing is left out in between. */
export function threadOf(messages: Part<Message>, replies: Part<Received>): Entry[] {
  const sent = messages.items.map(
    (message): Entry => ({ kind: "sent", at: momentOf(message), key: message.id, message }),
  );
  const received = replies.items.map(
    (one): Entry => ({
      kind: "received",
      at: Date.parse(one.at),
      key: one.event?.eventId ?? one.at,
      received: one,
    }),
  );
  const oldest = (part: readonly Entry[], more: boolean) =>
    more ? Math.min(...part.map((one) => one.at)) : Number.NEGATIVE_INFINITY;
  const known = Math.max(oldest(sent, messages.more), oldest(received, replies.more));
  return [...sent, ...received].filter((one) => one.at >= known).sort((a, b) => b.at - a.at);
}
