/** The state of the engine in sentences: what needs somebody, then how far the scores are. Pure. */

interface Lag {
  events: number;
  seconds: number;
}

/** What the sentences are made of: a part of `GET /api/ops`. */
export interface Figures {
  dispatch: Lag;
  apply: Lag;
  loops: readonly { name: string; status: string }[];
  deadLetters: { quarantined: number; retrying: number };
  work: readonly { kind: string; states: Record<string, number> }[];
  process: { mongodb: string; redis: string };
}

export interface Verdict {
  /** What stands still until somebody acts, the worst first. */
  alarms: string[];
  sentence: string;
}

const count = (value: number, one: string, many: string) =>
  `${value.toLocaleString("en-GB")} ${value === 1 ? one : many}`;

/** How long, from seconds: 4 s, 12 min, 3 h, 2 d. */
export function span(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function verdictOf({ apply, loops, deadLetters, work, process }: Figures): Verdict {
  const alarms: string[] = [];
  if (process.mongodb !== "ok") alarms.push("MongoDB does not answer: nothing is stored.");
  if (process.redis !== "ok") alarms.push("Redis does not answer: events are stored, scores follow late.");
  const late = loops.filter((one) => one.status !== "ok").length;
  if (late > 0) alarms.push(`${count(late, "background loop is", "background loops are")} late.`);
  if (deadLetters.quarantined > 0) {
    alarms.push(
      `${count(deadLetters.quarantined, "lead stands still at an event", "leads stand still at an event each")}.`,
    );
  }
  const dead = work.reduce((sum, one) => sum + (one.states.dead ?? 0), 0);
  if (dead > 0) alarms.push(`${count(dead, "unit of due work was", "units of due work were")} given up.`);
  const sentence =
    apply.events === 0
      ? "Every stored event is in its score."
      : `${count(apply.events, "event is", "events are")} not in a score yet, the first for ${span(apply.seconds)}.`;
  return { alarms, sentence };
}
