/** What a preview says, in sentences. Pure. */
import { signed } from "../format/numbers";
import { words } from "../format/words";
import type { Behind, Challenger, Figures, Preview } from "./queries";

const counted = (count: number) => count.toLocaleString("en-GB");
const leads = (count: number) => `${counted(count)} ${count === 1 ? "lead" : "leads"}`;

/** A share from 0 to 1 as 12 %, with one decimal below ten. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value.toFixed(value > 0 && value < 10 ? 1 : 0)} %`;
}

/** The sentence that stands first: who moves, and what fires. */
export function headline({ moved, leads: looked, of, allAlerts }: Figures): string {
  const part = looked < of ? `Of ${leads(looked)} looked at` : `Of all ${leads(of)}`;
  if (moved.leads === 0) return `${part}, none comes into another stage.`;
  const more = allAlerts.then.count - allAlerts.now.count;
  const firings = more === 0 ? "" : ` ${counted(Math.abs(more))} ${more > 0 ? "more" : "fewer"} alerts fire.`;
  return `${part}, ${counted(moved.up)} move up and ${counted(moved.down)} down.${firings}`;
}

/** How the leads ended that have an alert which only one of the rulebooks raises; empty if there are none. */
export function endings({ allAlerts: { newEnded, lostEnded } }: Figures): string {
  return [alerted("only these rules raise", newEnded), alerted("only the active rules raise", lostEnded)]
    .filter(Boolean)
    .join(" ");
}

function alerted(which: string, ended: Endings): string {
  const all = total(ended);
  return all === 0
    ? ""
    : `Of ${leads(all)} with an alert that ${which}, ${counted(ended.won ?? 0)} ${was(ended.won)} won.`;
}

const was = (count: number | undefined) => (count === 1 ? "was" : "were");

export type Endings = Readonly<Record<string, number>>;

/** Leads of all endings. */
export function total(ended: Endings): number {
  return Object.values(ended).reduce((sum, one) => sum + one, 0);
}

/** What a challenger says, and how far it is. */
export function besides({
  leads: looked,
  moved,
  ended,
  filled,
  behind,
  shadow,
  meanDifference,
}: Challenger): string {
  if (shadow.status === "starting" || looked === 0) return "The first leads are folded.";
  const [up = 0, down = 0] = ["up", "down"].map((way) => ended.find((one) => one.moved === way)?.leads);
  const more = filled || shadow.status === "ended" ? "" : " Leads that did nothing since are still to come.";
  const late = behind > 0 ? ` ${counted(behind)} events are to be folded.` : "";
  const mean = meanDifference === 0 ? "" : ` Scores are ${signed(meanDifference, 1)} on average.`;
  const over = shadow.status === "ended" ? " It follows no more." : "";
  if (moved === 0) return `Of ${leads(looked)}, none is in another stage.${mean}${more}${late}${over}`;
  return `Of ${leads(looked)}, ${counted(up)} are higher and ${counted(down)} lower.${mean}${more}${late}${over}`;
}

/** How far it is, and how sure. */
export function progress({ status, compared, figures, sampleComplete }: Preview): string {
  if (status === "failed") return "It failed.";
  if (!figures) return "The first leads are compared.";
  const [low = 0, high = 1] = figures.moved.interval;
  const sure =
    figures.leads < figures.of
      ? ` Of all leads, between ${percent(low)} and ${percent(high)} come into another stage, 95 times of 100.`
      : "";
  if (status === "done") return `${leads(compared)} were compared.${sure}`;
  const more = sampleComplete ? "It goes on, and the figures sharpen." : "The first sample is under way.";
  return `${leads(compared)} of ${counted(figures.of)} compared so far. ${more}${sure}`;
}

const FIRES = new Map<string, string>([
  ["now", "fire now"],
  ["then", "would fire"],
  ["new", "would newly fire"],
  ["lost", "would no longer fire"],
]);

/** The leads that are listed, in words. */
export function behindInWords({ moved, ended, before, after, automation, fired }: Behind): string {
  const parts = [
    before && after && (before === after ? `stay ${before}` : `go from ${before} to ${after}`),
    moved && { up: "move up", down: "move down", not: "stay in their stage" }[moved],
    automation && `${FIRES.get(fired ?? "then")} ${words(automation)}`,
    ended && (ended === "open" ? "are still open" : `ended ${ended}`),
  ].filter(Boolean);
  return parts.length === 0 ? "Leads whose score moves most" : `Leads that ${parts.join(" and ")}`;
}
