import { ago, day, moment } from "../format/time";
import { initials, words } from "../format/words";
import type { Lead } from "../lists/filter";
import { usePeople, useSession } from "../session";
import type { Intelligence } from "./queries";

/** The facts beside the explanation, in words. */
export function Facts({ lead, found }: { lead: Lead | undefined; found: Intelligence }) {
  const { zone } = useSession().person;
  const { nameOf } = usePeople();
  const { details } = found;
  const now = new Date(found.asOf);
  return (
    <dl className="pairs">
      <dt>Owner</dt>
      <dd>
        {lead?.ownerId ? (
          <span className="owner">
            <span className="face" aria-hidden="true">
              {initials(nameOf(lead.ownerId))}
            </span>
            {nameOf(lead.ownerId)}
          </span>
        ) : (
          <span className="faint">nobody</span>
        )}
      </dd>
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

function gradeParts({ details }: Intelligence): string {
  const fit = details.fit === null ? "fit not known" : `fit ${Math.round(details.fit)}`;
  return details.engagement === null ? fit : `${fit}, engagement ${Math.round(details.engagement)}`;
}
