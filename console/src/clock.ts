/** The time as the engine has it: a browser whose clock is wrong shows and sends the right times all the same. */

/** A difference that a slow answer may make; smaller ones are left alone. */
const TOLERATED_MS = 60_000;

let ahead = 0;

/** Take note of the time at which the engine answered, as the header Date says it. */
export function heardAt(date: string | null): void {
  const answered = Date.parse(date ?? "");
  if (Number.isNaN(answered)) return;
  const difference = answered - Date.now();
  ahead = Math.abs(difference) > TOLERATED_MS ? difference : 0;
}

/** Milliseconds since the epoch. */
export function nowMs(): number {
  return Date.now() + ahead;
}

export function currentTime(): Date {
  return new Date(nowMs());
}
