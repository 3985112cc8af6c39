/** How to reach a lead, as its newest updates say. Pure: entries of the timeline in, facts out. */
import type { Entry } from "./queries";

export interface Contact {
  name: string | null;
  company: string | null;
  email: string | null;
  phone: string | null;
  /** An IANA time zone. */
  zone: string | null;
}

const NAMES: Record<keyof Contact, readonly string[]> = {
  name: ["name", "fullName", "full_name"],
  company: ["company", "companyName", "organisation", "organization"],
  email: ["email", "emailAddress", "e-mail"],
  phone: ["phone", "mobile", "mobilePhone", "phoneNumber", "telephone"],
  zone: ["timezone", "timeZone", "time_zone", "zone"],
};
const ERASED = "[erased]";

/** The contact in the entries, newest first: of each fact the newest that is there. */
export function contactOf(entries: readonly Entry[]): Contact {
  const updates = entries.flatMap(({ event }) => (event ? [event.properties] : []));
  const newest = (fact: keyof Contact) => {
    for (const properties of updates) {
      for (const name of NAMES[fact]) {
        const value = properties[name];
        if (typeof value === "string" && value.trim() !== "" && value !== ERASED) return value.trim();
        if (value === null || value === ERASED) return null;
      }
    }
    return null;
  };
  const zone = newest("zone");
  return {
    name: newest("name"),
    company: newest("company"),
    email: newest("email"),
    phone: newest("phone"),
    zone: zone !== null && isZone(zone) ? zone : null,
  };
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

/** The address of a telephone number, without what people write between its digits. */
export function telephone(phone: string): string {
  return `tel:${phone.replace(/[^\d+*#]/g, "")}`;
}
