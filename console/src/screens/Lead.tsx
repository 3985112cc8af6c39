/** One lead: a sentence first, the score with its stage, reasons that add up, and everything that happened. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { nowMs } from "../clock";
import { fixed } from "../format/numbers";
import { moment } from "../format/time";
import { AskForDraft } from "../inbox/AskForDraft";
import { DraftsOfLead } from "../inbox/DraftsOfLead";
import { OptOuts } from "../inbox/OptOuts";
import { Thread } from "../inbox/Thread";
import { useActions } from "../keys/useActions";
import { ContactLine } from "../leads/ContactLine";
import { Crumb } from "../leads/Crumb";
import { Curve } from "../leads/Curve";
import { Facts } from "../leads/Facts";
import { LeadActions } from "../leads/LeadActions";
import { LeadTasks } from "../leads/LeadTasks";
import { Ledger } from "../leads/Ledger";
import { historyQuery, type Intelligence, intelligenceQuery, leadQuery } from "../leads/queries";
import { Timeline } from "../leads/Timeline";
import { TimeSlider } from "../leads/TimeSlider";
import { usePlace } from "../leads/usePlace";
import { WhatIf } from "../leads/WhatIf";
import { MergesOfLead } from "../merges/MergesOfLead";
import { Heading } from "../parts/Heading";
import { say } from "../parts/notices";
import { Part } from "../parts/Part";
import { Stage } from "../parts/Stage";
import { Failure, Loading } from "../parts/states";
import { Likelihood } from "../prediction/Likelihood";
import type { LeadSearch } from "../router";
import { SequencesOfLead } from "../sequences/SequencesOfLead";
import { useMay, useSession } from "../session";

const route = getRouteApi("/shell/leads/$leadId");

export function LeadScreen() {
  const { leadId } = route.useParams();
  return <OneLead key={leadId} leadId={leadId} />;
}

function OneLead({ leadId }: { leadId: string }) {
  const look = route.useSearch();
  const { at, known, without, withoutRule, list } = look;
  const navigate = useNavigate();
  const change = (next: Partial<LeadSearch>) =>
    void navigate({
      to: "/leads/$leadId",
      params: { leadId },
      search: { ...look, ...next },
      replace: true,
      resetScroll: false,
    });
  const left = partsOf(without);
  const leftRules = partsOf(withoutRule);
  const isWhatIf = left.length + leftRules.length > 0;
  const lead = useQuery(leadQuery(leadId));
  const found = useQuery(intelligenceQuery(leadId, { at, known }));
  const changed = useQuery({
    ...intelligenceQuery(leadId, { at, known, without, withoutRule }),
    enabled: isWhatIf,
  });
  const present = useQuery(intelligenceQuery(leadId, {}));
  const { types, events } = useHappened(leadId);
  const [opened] = useState(() => nowMs());
  const [pointed, point] = useState<number | null>(null);
  const range = useRange(present.data, opened);
  const may = useMay();
  useSurvivor(leadId, lead.data?.leadId, look);
  const place = usePlace(leadId, list);
  useActions(place.actions);

  if (found.error && !found.data) {
    return (
      <main id="main">
        <Crumb leadId={leadId} list={list} place={place} />
        <div className="pad">
          <Heading title={leadId} />
        </div>
        <Failure what="The lead" error={found.error} retry={() => void found.refetch()} />
        {at && (
          <p className="pad">
            <button className="btn" type="button" onClick={() => change({ at: undefined, known: undefined })}>
              Back to now
            </button>
          </p>
        )}
      </main>
    );
  }
  const looked = at ? new Date(at) : null;
  return (
    <div className="with-aside">
      <main id="main">
        <Crumb leadId={leadId} list={list} place={place} />
        <div className="wrap">
          <div className="lead-head">
            <Heading title={leadId} />
            {found.data && <ScoreNow found={found.data} />}
          </div>
          {!found.data && <Loading what="the lead" />}
          {found.data && (
            <>
              <ContactLine leadId={leadId} />
              <OptOuts
                leadId={leadId}
                optOuts={found.data.details.optOuts}
                suspected={looked ? [] : found.data.details.suspectedOptOuts}
              />
              <p className="opening">{found.data.summary}</p>
              <Incomplete found={found.data} />
            </>
          )}
          {may("work") && <LeadActions leadId={leadId} lead={lead.data} />}
          {found.data && (
            <>
              {present.data && (
                <Curve
                  leadId={leadId}
                  found={present.data}
                  at={looked}
                  pointed={pointed}
                  range={range}
                  events={events}
                />
              )}
              <TimeSlider
                range={range}
                first={Date.parse(found.data.details.firstActivityAt ?? "") || range[0]}
                now={opened}
                at={looked}
                known={known === "then"}
                change={(next, then) =>
                  change({ at: next?.toISOString(), known: next && then ? "then" : undefined })
                }
              />
              <section aria-labelledby="why-title" className="part" aria-busy={found.isPlaceholderData}>
                <div className="panel-head">
                  <h2 className="head" id="why-title">
                    Why {fixed(found.data.score, 2)}
                  </h2>
                  <p className="small quiet">
                    Rules {found.data.rulebook.name}, version {found.data.rulebook.version}
                  </p>
                </div>
                <WhatIf
                  types={types}
                  without={left}
                  change={(next) => change({ without: next.join(",") || undefined })}
                />
                {isWhatIf && changed.error && (
                  <p className="small alarm">What it would be without these did not load.</p>
                )}
                <Ledger
                  found={found.data}
                  changed={isWhatIf ? changed.data : undefined}
                  without={left}
                  withoutRule={leftRules}
                  changeRules={(next) => change({ withoutRule: next.join(",") || undefined })}
                  point={point}
                />
              </section>
              {found.data.win && <Likelihood found={found.data.win} />}
              {Object.entries(found.data.otherGoals).map(([goal, one]) => (
                <Likelihood key={goal} found={one} />
              ))}
            </>
          )}
          <SequencesOfLead leadId={leadId} />
          {found.data && (
            <Part title="Messages" aside={may("work") && <AskForDraft leadId={leadId} />}>
              <DraftsOfLead leadId={leadId} />
              <Thread leadId={leadId} empty="Nothing was written yet." />
            </Part>
          )}
        </div>
      </main>
      <aside className="aside side" aria-label="Facts, tasks and timeline">
        {found.data && <Facts lead={lead.data} found={found.data} at={looked} />}
        {found.data && <MergesOfLead leadId={leadId} />}
        <LeadTasks leadId={leadId} />
        <Timeline leadId={leadId} point={point} />
      </aside>
    </div>
  );
}

/** Go to the lead that survived, if this id is part of another one. */
function useSurvivor(leadId: string, survivor: string | undefined, look: LeadSearch): void {
  const navigate = useNavigate();
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    if (survivor === undefined || survivor === leadId) return;
    say(`${leadId} is part of ${survivor}.`);
    const { list } = latest.current;
    void navigate({ to: "/leads/$leadId", params: { leadId: survivor }, search: { list }, replace: true });
  }, [leadId, survivor, navigate]);
}

const partsOf = (text: string | undefined) => text?.split(",").filter(Boolean) ?? [];

function ScoreNow({ found }: { found: Intelligence }) {
  const { zone } = useSession().person;
  const { drop } = found.details;
  const now = new Date(found.asOf);
  return (
    <div className="score">
      <b>{Math.round(found.score)}</b>
      <Stage name={found.stage} />
      {drop && (
        <p className="small quiet">
          falls to {drop.stage} {moment(new Date(drop.at), zone, now)}
        </p>
      )}
    </div>
  );
}

function Incomplete({ found }: { found: Intelligence }) {
  if (!found.incomplete) return null;
  const { heldUpAt, discardedEvents } = found.incomplete;
  return (
    <p className="banner alarmed">
      {heldUpAt &&
        `The event ${heldUpAt.eventId ?? "after the last one"} could not be applied: it and later ones do not count yet. `}
      {discardedEvents > 0 && `${discardedEvents} discarded events do not count.`}
    </p>
  );
}

const DAY_MS = 86_400_000;

/** From the first event, 90 days ago at most, to as far into the future, 30 days at least. */
function useRange(found: Intelligence | undefined, now: number): [number, number] {
  const first = found?.details.firstActivityAt;
  return useMemo(() => {
    const past = Math.min(
      90 * DAY_MS,
      Math.max(7 * DAY_MS, first ? now - Date.parse(first) + DAY_MS / 2 : 0),
    );
    return [now - past, now + Math.min(60 * DAY_MS, Math.max(21 * DAY_MS, past))];
  }, [first, now]);
}

/** The newest part of the history: when something happened, and which types of events gave or took points. */
function useHappened(leadId: string): { types: string[]; events: number[] } {
  const { data } = useInfiniteQuery(historyQuery(leadId));
  return useMemo(() => {
    const rows = data?.pages.flatMap((page) => page.items) ?? [];
    const scored = rows.filter((row) => row.contributions.length > 0);
    return {
      types: [...new Set(scored.map((row) => row.type))].sort(),
      events: [...new Set(rows.map((row) => Date.parse(row.occurredAt)))],
    };
  }, [data]);
}
