/** Words for what sequences do and how they end. */
import { channelName } from "../inbox/channels";
import type { CalendarEntry } from "./queries";

type Said = Pick<CalendarEntry, "does" | "detail">;

/** What happens at a moment, in words: `email: Welcome` is sent, a task is created, or the sequence ends. */
export function happens({ does, detail }: Said): string {
  switch (does) {
    case "send":
      return sent(detail);
    case "task":
      return `Task: ${detail}`;
    case "addTag":
      return `Gets the tag ${detail}`;
    case "removeTag":
      return `Loses the tag ${detail}`;
    case "skip":
      return `A message is left out: ${detail}`;
    case "wait":
      return `Waits until then for ${detail}`;
    case "pause":
      return `Waits until then: ${detail}`;
    case "end":
      return `The end: ${ending(detail).toLowerCase()}`;
  }
}

function sent(detail: string): string {
  const at = detail.indexOf(": ");
  if (at < 0) return detail;
  const channel = channelName(detail.slice(0, at));
  return `${channel.charAt(0).toUpperCase()}${channel.slice(1)} “${detail.slice(at + 2)}”`;
}

const ENDINGS: Record<string, string> = {
  finished: "All steps are done",
  "handed-over": "Handed over to a person",
  "too-late": "A message was too late",
  "no-window": "No hours in which messages go out",
  reply: "The lead replied",
  meeting: "A meeting",
  "opt-out": "Opted out",
  bounce: "The address bounced",
  won: "The deal was won",
  lost: "The deal was lost",
  manual: "Stopped by hand",
  holdout: "Gets nothing, for comparison",
  erased: "The person was erased",
};

/** Why a sequence ended; a reason that its author wrote stays as it is. */
export function ending(reason: string): string {
  return ENDINGS[reason] ?? reason;
}

/** Who enrolled the lead, from a kind and an id such as `person:p_1`. */
export function enrolledBy(by: string, nameOf: (id: string) => string): string {
  const [kind, id] = [by.slice(0, by.indexOf(":")), by.slice(by.indexOf(":") + 1)];
  if (kind === "person") return nameOf(id).replace(/^You$/, "you");
  if (kind === "key") return "an API key";
  return kind === "automation" ? `the automation ${id}` : kind || by;
}

/** A number that is counted up to `most`. */
export function counted(count: number, most: number): string {
  return count < most ? count.toLocaleString("en-GB") : `${most.toLocaleString("en-GB")} or more`;
}
