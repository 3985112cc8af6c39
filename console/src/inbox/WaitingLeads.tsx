import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { currentTime } from "../clock";
import { ago } from "../format/time";
import { Key } from "../keys/Key";
import type { Conversation } from "./queries";

interface Props {
  rows: Conversation[];
  current: string | undefined;
  /** What the address of each lead keeps. */
  search: { owner?: string; channel?: string };
  /** A choice above the list. */
  pick: ReactNode;
  /** Leads that were answered since the list was read. */
  answered: ReadonlySet<string>;
}

/** The leads that wait, the longest first, each with what it wrote. */
export function WaitingLeads({ rows, current, search, answered, pick }: Props) {
  const now = currentTime();
  return (
    <>
      <div className="top">
        <h2 className="head">
          Waiting <span className="faint count">{rows.length - answered.size || ""}</span>
        </h2>
        <p className="end small faint keys-hint">
          <Key of="next" /> next <Key of="back" /> back
        </p>
      </div>
      {pick}
      <ol>
        {rows.map((one) => (
          <li key={one.leadId}>
            <Link
              to="/inbox"
              search={{ ...search, lead: one.leadId }}
              replace
              aria-current={one.leadId === current ? "true" : undefined}
            >
              <span className="name clip">{one.leadId}</span>
              <span className="num quiet">{ago(new Date(one.waitingSince), now)}</span>
              <span className={answered.has(one.leadId) ? "why clip answered" : "why clip"}>
                {answered.has(one.leadId) ? "Answered" : said(one)}
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </>
  );
}

/** What the lead wrote, after what it may have asked for. */
function said({ last, optOuts, suspectedOptOuts }: Conversation): string {
  const text = last?.text ?? last?.subject ?? "Wrote to us";
  if (optOuts.some(({ channel }) => channel === "all")) return `Opted out: ${text}`;
  return suspectedOptOuts.length > 0 ? `Perhaps an opt-out: ${text}` : text;
}
