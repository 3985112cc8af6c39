/** Instants as people read them, in a time zone that the caller names: weekday with each date, "today" for today. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options });
    formats.set(key, found);
  }
  return found;
}

/** 07:31 */
export function clock(at: Date, zone: string): string {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** The calendar day in the zone, for comparison: 2026-11-30. */
export function dayKey(at: Date, zone: string): string {
  const parts = format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** Today, Sun 29 Nov, or 3 Mar 2025. */
export function day(at: Date, zone: string, now: Date): string {
  const key = dayKey(at, zone);
  if (key === dayKey(now, zone)) return "today";
  if (key.slice(0, 4) !== dayKey(now, zone).slice(0, 4)) {
    return format(zone, { day: "numeric", month: "short", year: "numeric" }).format(at);
  }
  return format(zone, { weekday: "short", day: "numeric", month: "short" }).format(at).replace(",", "");
}

/** today 07:31, or Sun 29 Nov 19:46. */
export function moment(at: Date, zone: string, now: Date): string {
  return `${day(at, zone, now)} ${clock(at, zone)}`;
}

/** How long before: now, 5 min, 41 h, 3 d. */
export function ago(at: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 1440)} d`;
}

/** now, or 5 min ago. */
export function since(at: Date, now: Date): string {
  const span = ago(at, now);
  return span === "now" ? span : `${span} ago`;
}

/** The city of a zone: Europe/Berlin is Berlin. */
export function cityOf(zone: string): string {
  return (zone.split("/").pop() ?? zone).replaceAll("_", " ");
}
