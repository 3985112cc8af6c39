/** What became of a message, in words. Pure. */
import { moment } from "../format/time";
import { words } from "../format/words";
import type { Message } from "./queries";

const SAID: Partial<Record<string, string>> = {
  withheld: "Held back",
  unknown: "It may have gone out",
  failed: "Not sent",
  discarded: "Given up",
};

/** Whether somebody should look at it. */
export function isAlarming(message: Message): boolean {
  return ["unknown", "failed", "bounced", "complained"].includes(message.status);
}

/** The state of a message in one line. */
export function statusOf(message: Message, zone: string, now: Date): string {
  if (message.status !== "planned") return SAID[message.status] ?? words(message.status);
  if (message.dueAt === null) return "Planned";
  const due = new Date(message.dueAt);
  const when = due <= now ? "now" : moment(due, zone, now);
  return message.attempts.length > 0 ? `Tried again ${when}` : `Goes out ${when}`;
}

/** Why it was not sent, or not yet; nothing where nothing stands in the way. */
export function becauseOf(message: Message): string[] {
  if (message.discardedBecause) return [message.discardedBecause];
  if (message.reasons.length > 0 && message.status === "withheld") {
    return message.reasons.map((one) => one.detail);
  }
  if (message.waitsBecause) return [message.waitsBecause];
  const last = message.attempts.at(-1);
  return message.status === "failed" && last ? [last.detail] : [];
}

/** What can still be done about it. */
export function choicesOf(message: Message): ("retry" | "discard" | "resolve")[] {
  if (message.status === "unknown" && message.state === "held") return ["resolve", "discard"];
  const ended = message.state === "dead" || (message.status === "withheld" && message.providerId === null);
  if (ended) return message.status === "discarded" ? ["retry"] : ["retry", "discard"];
  return ["waiting", "retrying", "held"].includes(message.state) ? ["discard"] : [];
}
