/** Wall-clock times of a zone as instants, without a library of zones: the offset is read from the browser's formats. */
import { dayKey } from "./time";

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds by which clocks of the zone are ahead of UTC at the instant. */
function offsetAt(at: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/**
 * The instant at which clocks of the zone show the day (2026-11-30) and time (09:00). Of a time that a change of clocks
 * leaves out, the one as long after the change.
 */
export function instantOf(day: string, time: string, zone: string): Date {
  const wall = Date.parse(`${day}T${time}:00Z`);
  const first = wall - offsetAt(wall, zone);
  const second = wall - offsetAt(first, zone);
  return new Date(offsetAt(second, zone) === offsetAt(first, zone) ? second : Math.max(first, second));
}

/** The day so many days after that of the instant in the zone, as 2026-11-30. */
export function dayAfter(at: Date, days: number, zone: string): string {
  const noon = Date.parse(`${dayKey(at, zone)}T12:00:00Z`);
  return new Date(noon + days * DAY_MS).toISOString().slice(0, 10);
}

/** 0 for Sunday to 6 for Saturday, of the day of the instant in the zone. */
export function weekdayOf(at: Date, zone: string): number {
  return new Date(`${dayKey(at, zone)}T12:00:00Z`).getUTCDay();
}

/** What an input of the type datetime-local holds: the wall clock of the zone, to the minute. */
export function wallClock(at: Date, zone: string): string {
  return new Date(at.getTime() + offsetAt(at.getTime(), zone)).toISOString().slice(0, 16);
}
