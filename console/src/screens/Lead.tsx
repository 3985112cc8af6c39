/** One lead: a sentence first, the score with its stage, reasons that add up, and everything that happened. */
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { api, Problem, read } from "../api/client";
import { fixed } from "../format/numbers";
import { clock, moment } from "../format/time";
import { useActions } from "../keys/useActions";
import { AssignDialog } from "../leads/AssignDialog";
import { CallDialog } from "../leads/CallDialog";
import { Curve } from "../leads/Curve";
import { Facts } from "../leads/Facts";
import { LeadTasks } from "../leads/LeadTasks";
import { Ledger } from "../leads/Ledger";
import { historyQuery, type Intelligence, intelligenceQuery, leadQuery } from "../leads/queries";
import { Timeline } from "../leads/Timeline";
import { TimeSlider } from "../leads/TimeSlider";
import { WhatIf } from "../leads/WhatIf";
import { filterIn } from "../lists/filter";
import { leadsQuery } from "../lists/leadsQuery";
import { markIn } from "../lists/marked";
import { Heading } from "../parts/Heading";
import { done, failed } from "../parts/notices";
import { Stage } from "../parts/Stage";
import { Failure, Loading } from "../parts/states";
import type { LeadSearch } from "../router";
import { useMay, useSession } from "../session";

const route = getRouteApi("/shell/leads/$leadId");

export function LeadScreen() {
  const { leadId } = route.useParams();
  return <OneLead key={leadId} leadId={leadId} />;
}

function OneLead({ leadId }: { leadId: string }) {
  const { at, known, without, list } = route.useSearch();
  const navigate = useNavigate();
  const change = (next: Partial<LeadSearch>) =>
    void navigate({
      to: "/leads/$leadId",
      params: { leadId },
      search: { at, known, without, list, ...next },
      replace: true,
      resetScroll: false,
    });
  const left = without?.split(",") ?? [];
  const lead = useQuery(leadQuery(leadId));
  const found = useQuery(intelligenceQuery(leadId, { at, known }));
  const changed = useQuery({
    ...intelligenceQuery(leadId, { at, known, without }),
    enabled: left.length > 0,
  });
  const present = useQuery(intelligenceQuery(leadId, {}));
  const { types, events } = useHappened(leadId);
  const [opened] = useState(() => Date.now());
  const range = useRange(present.data, opened);
  const [assigning, setAssigning] = useState(false);
  const [calling, setCalling] = useState(false);
  const may = useMay();
  const place = usePlace(leadId, list);
  useActions({
    ...place.actions,
    call: () => may("work") && setCalling(true),
    assign: () => may("work") && lead.data && setAssigning(true),
  });

  if (found.error && !found.data) {
    return (
      <main id="main">
        <Crumb list={list} place={place} />
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
  return (
    <div className="with-aside">
      <main id="main">
        <Crumb list={list} place={place} />
        <div className="wrap">
          <div className="lead-head">
            <Heading title={leadId} />
            {found.data && <ScoreNow found={found.data} />}
          </div>
          {!found.data && <Loading what="the lead" />}
          {found.data && (
            <>
              <p className="opening">{found.data.summary}</p>
              <Incomplete found={found.data} />
              {may("work") && (
                <div className="acts">
                  <button className="btn primary" type="button" onClick={() => setCalling(true)}>
                    Log a call <kbd>C</kbd>
                  </button>
                  <Claim leadId={leadId} />
                  <button
                    className="btn"
                    type="button"
                    disabled={!lead.data}
                    onClick={() => setAssigning(true)}
                  >
                    Assign <kbd>A</kbd>
                  </button>
                </div>
              )}
              {present.data && (
                <Curve
                  leadId={leadId}
                  found={present.data}
                  at={at ? new Date(at) : null}
                  range={range}
                  events={events}
                />
              )}
              <TimeSlider
                range={range}
                first={Date.parse(found.data.details.firstActivityAt ?? "") || range[0]}
                now={opened}
                at={at ? new Date(at) : null}
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
                  change={(next) => change({ without: next.length > 0 ? next.join(",") : undefined })}
                />
                <Ledger
                  found={found.data}
                  changed={left.length > 0 ? changed.data : undefined}
                  without={left}
                />
              </section>
            </>
          )}
        </div>
      </main>
      <aside className="aside side" aria-label="Facts, tasks and timeline">
        {found.data && <Facts lead={lead.data} found={found.data} />}
        <LeadTasks leadId={leadId} />
        <Timeline leadId={leadId} />
      </aside>
      {calling && <CallDialog leadId={leadId} onClose={() => setCalling(false)} />}
      {assigning && lead.data && <AssignDialog lead={lead.data} onClose={() => setAssigning(false)} />}
    </div>
  );
}

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

/** Take the lead for ten minutes; somebody else who has it is named by the refusal. */
function Claim({ leadId }: { leadId: string }) {
  const { zone } = useSession().person;
  const [until, setUntil] = useState<string | null>(null);
  const params = { path: { lead_id: leadId } };
  const explain = (error: unknown) =>
    failed(error instanceof Problem ? error.sentence : "Nothing was changed.");
  const claim = useMutation({
    mutationFn: () => read(api.POST("/api/leads/{lead_id}/claim", { params })),
    onSuccess: (taken) => {
      setUntil(taken.until);
      done(`${leadId} is yours to work on.`, () => release.mutate());
    },
    onError: explain,
  });
  const release = useMutation({
    mutationFn: () => read(api.DELETE("/api/leads/{lead_id}/claim", { params })),
    onSuccess: () => setUntil(null),
    onError: explain,
  });
  if (until === null) {
    return (
      <button className="btn" type="button" onClick={() => claim.mutate()}>
        Work on it
      </button>
    );
  }
  return (
    <>
      <span className="quiet">You are on it until {clock(new Date(until), zone)}</span>
      <button className="btn" type="button" onClick={() => release.mutate()}>
        Let go
      </button>
    </>
  );
}

interface Place {
  index: number;
  count: number;
  more: boolean;
  actions: { next?: () => void; back?: () => void };
}

/** Where the lead stands in the list that it was opened from; J and K follow that list. */
function usePlace(leadId: string, list: string | undefined): Place {
  const navigate = useNavigate();
  const leads = useInfiniteQuery({ ...leadsQuery(list ?? ""), enabled: list !== undefined });
  const ids = leads.data?.pages.flatMap((page) => page.items.map((one) => one.leadId)) ?? [];
  const index = ids.indexOf(leadId);
  const go = (id: string | undefined) => {
    if (id === undefined || list === undefined) return;
    markIn(list, id);
    void navigate({ to: "/leads/$leadId", params: { leadId: id }, search: { list } });
  };
  const { hasNextPage, fetchNextPage } = leads;
  const next = () => {
    if (index < ids.length - 1) go(ids[index + 1]);
    else if (hasNextPage) void fetchNextPage();
  };
  const actions = list === undefined ? {} : { next, back: () => index > 0 && go(ids[index - 1]) };
  return { index, count: ids.length, more: hasNextPage, actions };
}

function Crumb({ list, place }: { list: string | undefined; place: Place }) {
  return (
    <div className="top">
      <p className="crumb">
        <Link className="link" to="/leads" search={filterIn(list ?? "")}>
          Leads
        </Link>
        {place.index >= 0 && (
          <span>
            {place.index + 1} of {place.count}
            {place.more ? "+" : ""}
          </span>
        )}
      </p>
      {place.actions.next && (
        <p className="end">
          <button className="btn bare" type="button" onClick={place.actions.back}>
            Lead before <kbd>K</kbd>
          </button>
          <button className="btn bare" type="button" onClick={place.actions.next}>
            Next lead <kbd>J</kbd>
          </button>
        </p>
      )}
    </div>
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
