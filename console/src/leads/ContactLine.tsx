import { useQuery } from "@tanstack/react-query";
import { currentTime } from "../clock";
import { cityOf, clock } from "../format/time";
import { contactOf, telephone } from "./contact";
import { updatesQuery } from "./queries";

/** Who the lead is and how to reach it, with the time of day there; nothing where nothing of it is known. */
export function ContactLine({ leadId }: { leadId: string }) {
  const { data } = useQuery(updatesQuery(leadId));
  const { name, company, email, phone, zone } = contactOf(data?.items ?? []);
  const person = [name, company].filter(Boolean).join(", ");
  const now = currentTime();
  if (!person && !email && !phone && !zone) return null;
  return (
    <p className="contact">
      {person && <span className="strong">{person}</span>}
      {phone && (
        <a className="link" href={telephone(phone)}>
          {phone}
        </a>
      )}
      {zone && (
        <span>
          <time dateTime={now.toISOString()}>{clock(now, zone)}</time> there{" "}
          <span className="faint">{cityOf(zone)}</span>
        </span>
      )}
      {email && (
        <a className="link" href={`mailto:${encodeURIComponent(email).replace("%40", "@")}`}>
          {email}
        </a>
      )}
    </p>
  );
}
