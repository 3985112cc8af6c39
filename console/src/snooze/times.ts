/** The times that a snooze offers, in the zone of the person. */
import { dayAfter, instantOf, weekdayOf } from "../format/zoned";

export interface SnoozeTime {
  name: string;
  until: Date;
}

const MORNING = "09:00";
const HOURS_MS = 3 * 3_600_000;

/** The next morning: when a lead that is done for today comes back. */
export function tomorrow(now: Date, zone: string): Date {
  return instantOf(dayAfter(now, 1, zone), MORNING, zone);
}

/** Later today, tomorrow, next Monday and in a week; each once. */
export function snoozeTimes(now: Date, zone: string): SnoozeTime[] {
  const weekday = weekdayOf(now, zone);
  const toMonday = (8 - weekday) % 7 || 7;
  const later = { name: "In 3 hours", until: new Date(now.getTime() + HOURS_MS) };
  const monday = { name: "Monday", until: instantOf(dayAfter(now, toMonday, zone), MORNING, zone) };
  const week = { name: "In a week", until: instantOf(dayAfter(now, 7, zone), MORNING, zone) };
  return [
    later,
    { name: "Tomorrow", until: tomorrow(now, zone) },
    ...(toMonday > 1 ? [monday] : []),
    ...(toMonday < 7 ? [week] : []),
  ];
}
