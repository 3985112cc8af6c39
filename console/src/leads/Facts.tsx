import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ago, day, moment } from "../format/time";
import { initials, words } from "../format/words";
import type { Lead } from "../lists/filter";
import { usePeople, useSession } from "../session";
import { assignmentsQuery, type Intelligence } from "./queries";

/** The facts beside the explanation, in words. */
export function Facts({ lead, found, at }: { lead: Lead | undefined; found: Intelligence; at: Date | null }) {
  const { zone } = useSession().person;
  const { nameOf } = usePeople();
  const { details } = found;
  const now = new Date(found.asOf);
  const ownerId = useOwnerAt(found.leadId, at) ?? lead?.ownerId ?? null;
  return (
    <dl className="pairs">
      <dt>Owner</dt>
      <dd>
        {ownerId ? (
          <span className="owner">
            <span className="face" aria-hidden="true">
              {initials(nameOf(ownerId))}
            </span>
            {nameOf(ownerId)}
          </span>
        ) : (
          <span className="faint">nobody</span>
        )}
      </dd>
      {lead?.accountId && (
        <>
          <dt>Account</dt>
          <dd>
            <Link className="link" to="/accounts/$accountId" params={{ accountId: lead.accountId }}>
              {lead.accountId.replace(/^(domain|group):/, "")}
            </Link>
          </dd>
        </>
      )}
      <dt>Next</dt>
      <dd>
        <span className="strong">{words(found.nextAction)}</span>{" "}
        <span className="faint">{details.nextAction}</span>
      </dd>
      {details.grade && (
        <>
          <dt>Grade</dt>
          <dd>
            {details.grade} <span className="faint">{gradeParts(found)}</span>
          </dd>
        </>
      )}
      <dt>Risk</dt>
      <dd>
        {words(found.risk)} <span className="faint">{details.risk}</span>
      </dd>
      <dt>Pace</dt>
      <dd className="faint">{details.velocity}</dd>
      <dt>Stage</dt>
      <dd>
        {words(found.stage)}{" "}
        <span className="faint">since {day(new Date(details.stageSince), zone, now)}</span>
        {details.stageSetBy && (
          <span className="faint">
            , set by {details.stageSetBy.by}: {details.stageSetBy.why}
          </span>
        )}
      </dd>
      <dt>Seen</dt>
      <dd>
        {details.lastActivityAt ? (
          <>
            {ago(new Date(details.lastActivityAt), now)}{" "}
            <span className="faint">before, {moment(new Date(details.lastActivityAt), zone, now)}</span>
          </>
        ) : (
          <span className="faint">never</span>
        )}
      </dd>
      {found.outcome !== "open" && (
        <>
          <dt>Outcome</dt>
          <dd>{words(found.outcome)}</dd>
        </>
      )}
      {details.closedChannels.length > 0 && (
        <>
          <dt>Contact</dt>
          <dd>Not by {details.closedChannels.join(", ")}</dd>
        </>
      )}
      {found.tags.length > 0 && (
        <>
          <dt>Tags</dt>
          <dd>{found.tags.join(", ")}</dd>
        </>
      )}
    </dl>
  );
}

/** Who owned the lead at a moment: "" for nobody, undefined without a moment. */
function useOwnerAt(leadId: string, at: Date | null): string | undefined {
  const { data } = useQuery({ ...assignmentsQuery(leadId), enabled: at !== null });
  if (!at || !data) return undefined;
  const last = data.items.find((one) => new Date(one.at) <= at);
  const ownerId = last?.event?.properties.ownerId;
  return typeof ownerId === "string" ? ownerId : "";
}

function gradeParts({ details }: Intelligence): string {
  const fit = details.fit === null ? "fit not known" : `fit ${Math.round(details.fit)}`;
  return details.engagement === null ? fit : `${fit}, engagement ${Math.round(details.engagement)}`;
}
