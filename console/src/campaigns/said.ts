/** Words for campaigns: the audience, what each lead gets, results and reasons. Pure. */
import { channelName } from "../inbox/channels";
import type { Campaign, Result } from "./queries";

export const leads = (count: number) => `${count.toLocaleString("en-GB")} ${count === 1 ? "lead" : "leads"}`;

/** The audience as a phrase: "leads with stage hot, tag fair". */
export function audienceInWords(
  audience: Campaign["audience"],
  nameOf: (id: string | null) => string,
): string {
  const { stage, risk, outcome, status, minScore, owner, tag, account } = audience;
  const parts: [string, string | null][] = [
    ["stage", stage],
    ["risk", risk],
    ["outcome", outcome],
    ["status", status],
    ["tag", tag],
    ["account", account],
    ["a score from", minScore === null ? null : String(minScore)],
    ["owner", owner === null ? null : nameOf(owner === "none" ? null : owner).replace(/^You$/, "you")],
  ];
  const said = parts.flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
  return said.length === 0 ? "every lead" : `leads with ${said.join(", ")}`;
}

type Given = Pick<Campaign, "mode" | "message" | "sequence" | "window">;

/** What the leads get: "sends “Thank you” by e-mail". */
export function givesInWords({ mode, message, sequence, window }: Given): string {
  if (message) {
    const what = message.subject || message.template || "a message";
    const hours = window ? `, between ${window.opens} and ${window.closes} where they live,` : "";
    return `Sends “${what}” by ${channelName(message.channel)}${hours}`;
  }
  return mode === "triggered"
    ? `Enrols in ${sequence}, as soon as they enter the audience,`
    : `Enrols in ${sequence}`;
}

const STATES: Record<string, string> = {
  draft: "Draft",
  scheduled: "Scheduled",
  running: "Running",
  paused: "Paused",
  finished: "Finished",
};
const ENDINGS: Record<string, string> = {
  completed: "everybody had their turn",
  ended: "its end came",
  manual: "by hand",
};

export function stateInWords({ state, ended }: Pick<Campaign, "state" | "ended">): string {
  const said = STATES[state] ?? state;
  return ended ? `${said}: ${ENDINGS[ended] ?? ended}` : said;
}

export const RESULTS: Record<Result, string> = {
  done: "Done",
  underWay: "Under way",
  waiting: "Waiting for their turn",
  withheld: "Got nothing",
  failed: "Could not be sent",
  present: "There before it began",
};

const REASONS: Record<string, string> = {
  suppressed: "on the suppression list",
  "contact-forbidden": "the rules allow no contact",
  "opted-out": "opted out",
  bounced: "a message has bounced",
  complained: "reported a message as spam",
  replied: "replied meanwhile",
  "no-consent": "without consent",
  unconfirmed: "the address is not confirmed",
  "window-closed": "WhatsApp allows no free text now",
  "too-late": "it was too late",
  "sequence-ended": "the sequence has ended",
  "campaign-ended": "the campaign has ended",
  "left-audience": "left the audience",
  "no-window": "no hour within a year",
  "no-address": "no address is known",
  "invalid-address": "the address cannot be",
  refused: "refused",
  decided: "the deal is decided",
  conflict: "was or is in the sequence",
  enrolled: "is in the sequence",
  once: "was in the sequence",
  "too-soon": "was in the sequence a short time ago",
  exclusive: "is in another exclusive sequence",
};

/** A reason against a lead; a code that is not known here stays as it is. */
export function reasonInWords(code: string): string {
  return REASONS[code] ?? code.replaceAll("-", " ");
}

/** Reasons with their counts, the most frequent first. */
export function byCount(reasons: Record<string, number>): [string, number][] {
  return Object.entries(reasons).sort(([one, a], [other, b]) => b - a || one.localeCompare(other));
}
