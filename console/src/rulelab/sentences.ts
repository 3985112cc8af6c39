/** What a preview says, in sentences. Pure. */
import { words } from "../format/words";
import type { Behind, Figures, Preview } from "./queries";

const leads = (count: number) => `${count.toLocaleString("en-GB")} ${count === 1 ? "lead" : "leads"}`;

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
  const firings = more === 0 ? "" : ` ${Math.abs(more)} ${more > 0 ? "more" : "fewer"} alerts fire.`;
  return `${part}, ${moved.up} move up and ${moved.down} down.${firings}`;
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
  return `${leads(compared)} of ${figures.of.toLocaleString("en-GB")} compared so far. ${more}${sure}`;
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
