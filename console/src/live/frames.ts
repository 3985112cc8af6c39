/** The state of the live stream as a pure function of what happens to it. No clock and no connection is read here. */

export type Status = "connecting" | "live" | "catching-up" | "offline" | "signed-out";

export interface LiveState {
  status: Status;
  /** Milliseconds since the epoch at which the line was lost; null while it stands. */
  lostAt: number | null;
  /** The id of the last frame, to resume from. An opaque string. */
  lastId: string | null;
  /** The version of the engine that this page began with. */
  build: string | null;
  newVersion: boolean;
}

export type Input =
  | { kind: "frame"; name: FrameName; id: string; data: unknown }
  | { kind: "caught-up" }
  | { kind: "lost"; at: number };

export const FRAMES = ["hello", "leads", "hb", "reset", "bye"] as const;
export type FrameName = (typeof FRAMES)[number];

export const INITIAL: LiveState = {
  status: "connecting",
  lostAt: null,
  lastId: null,
  build: null,
  newVersion: false,
};

/** The state after the input. */
export function reduce(state: LiveState, input: Input): LiveState {
  switch (input.kind) {
    case "caught-up":
      return state.status === "catching-up" ? { ...state, status: "live", lostAt: null } : state;
    case "lost":
      if (state.status === "signed-out" || state.status === "offline") return state;
      return { ...state, status: "offline", lostAt: input.at };
    case "frame":
      return reduceFrame(input.id === "" ? state : { ...state, lastId: input.id }, input);
  }
}

function reduceFrame(state: LiveState, frame: { name: FrameName; data: unknown }): LiveState {
  if (frame.name === "hello") {
    const build = String(field(frame.data, "build") ?? "");
    const known = state.build ?? build;
    // What changed while the line was down is read again before the page may call itself live.
    const status = state.status === "connecting" ? "live" : "catching-up";
    return { ...state, status, build: known, newVersion: state.newVersion || build !== known };
  }
  if (frame.name === "bye" && field(frame.data, "why") === "revoked")
    return { ...state, status: "signed-out" };
  return state;
}

/** The leads that a frame names, each with the position it has applied. Names of another shape are left out. */
export function changedLeads(data: unknown): Map<string, number> {
  const changed = new Map<string, number>();
  if (typeof data !== "object" || data === null) return changed;
  for (const [leadId, position] of Object.entries(data)) {
    if (typeof position === "number") changed.set(leadId, position);
  }
  return changed;
}

function field(data: unknown, name: string): unknown {
  return typeof data === "object" && data !== null ? (data as Record<string, unknown>)[name] : undefined;
}

const PAUSES = [1, 2, 5, 10, 30];

/** Seconds to wait before the attempt of this number, 0 for the first; `jitter` from 0 to 1 spreads clients. */
export function pauseBefore(attempt: number, jitter: number): number {
  const longest = PAUSES[Math.min(attempt, PAUSES.length - 1)] ?? 30;
  return longest * (0.5 + jitter / 2);
}
