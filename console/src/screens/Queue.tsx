/** Whom to turn to now, and why: one lead at a time, and the next ones beside it. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { clock, moment, since } from "../format/time";
import { words } from "../format/words";
import { useActions } from "../keys/useActions";
import { AssignDialog } from "../leads/AssignDialog";
import { CallDialog } from "../leads/CallDialog";
import { leadQuery } from "../leads/queries";
import { Heading } from "../parts/Heading";
import { say } from "../parts/notices";
import { Stage } from "../parts/Stage";
import { Empty, Failure, Loading } from "../parts/states";
import { keepOrder } from "../queue/order";
import { type Queued, queueQuery } from "../queue/queueQuery";
import { Stairs } from "../queue/Stairs";
import { useMay, usePeople, useSession } from "../session";

const route = getRouteApi("/shell/queue");
const WHOSE = [
  { name: "Mine", owner: "me" },
  { name: "Everybody’s", owner: undefined },
  { name: "Nobody’s", owner: "none" },
] as const;

export function Queue() {
  const { owner, lead: leadId } = route.useSearch();
  const navigate = useNavigate();
  const queue = useQuery(queueQuery(owner));
  const { rows, moved, adopt } = useOrder(owner, queue.data?.items);
  const index = Math.max(
    0,
    rows.findIndex((one) => one.leadId === leadId),
  );
  const current = rows[index];
  const choose = (next: Queued | undefined) => {
    if (next)
      void navigate({
        to: "/queue",
        search: { owner, lead: next.leadId },
        replace: true,
        resetScroll: false,
      });
  };
  useActions({
    next: () => choose(rows[index + 1]),
    back: () => choose(rows[index - 1]),
    refresh: adopt,
    open: () => current && void navigate({ to: "/leads/$leadId", params: { leadId: current.leadId } }),
  });
  return (
    <div className="with-aside">
      <main id="main">
        <div className="top">
          <Heading title="Queue" />
          {current && <p className="small faint clip">{current.because.text}</p>}
          <nav className="end pick" aria-label="Whose leads">
            {WHOSE.map((one) => (
              <Link
                key={one.name}
                to="/queue"
                search={{ owner: one.owner }}
                aria-current={one.owner === owner ? "page" : undefined}
              >
                {one.name}
              </Link>
            ))}
          </nav>
        </div>
        {moved > 0 && (
          <div className="moved in-queue">
            <p>
              <strong>{moved} moved</strong> meanwhile. The order is kept.
            </p>
            <button className="btn" type="button" onClick={adopt}>
              Bring up to date <kbd>R</kbd>
            </button>
          </div>
        )}
        {queue.error && !queue.data && (
          <Failure what="The queue" error={queue.error} retry={() => void queue.refetch()} />
        )}
        {queue.isPending && !queue.error && <Loading what="the queue" />}
        {queue.data && rows.length === 0 && (
          <Empty title="Nobody waits.">
            <p>
              {owner === undefined ? "Leads come here when something happens. " : "Look at "}
              <Link className="link" to={owner === undefined ? "/leads" : "/queue"}>
                {owner === undefined ? "All leads" : "everybody’s queue"}
              </Link>
              .
            </p>
          </Empty>
        )}
        {current && <Focus key={current.leadId} lead={current} next={() => choose(rows[index + 1])} />}
      </main>
      <aside className="aside next" aria-label="Next leads">
        <div className="top">
          <h2 className="head">Next</h2>
          <p className="end small faint keys-hint">
            <kbd>J</kbd> next <kbd>K</kbd> back
          </p>
        </div>
        <ol>
          {rows.map((one) => (
            <li key={one.leadId}>
              <NextLead lead={one} current={one.leadId === current?.leadId} owner={owner} />
            </li>
          ))}
        </ol>
      </aside>
    </div>
  );
}

/** The queue in the order that is shown until somebody asks for the newest. */
function useOrder(owner: string | undefined, newest: Queued[] | undefined) {
  const [shown, setShown] = useState<{ owner: string | undefined; rows: Queued[] } | null>(null);
  useEffect(() => {
    if (newest && (shown === null || shown.owner !== owner || shown.rows.length === 0))
      setShown({ owner, rows: newest });
  }, [newest, owner, shown]);
  const { rows, moved } = keepOrder(shown?.rows ?? [], newest ?? []);
  const adopt = () => {
    if (!newest) return;
    setShown({ owner, rows: newest });
    say("The queue is up to date.");
  };
  return { rows, moved: shown === null ? 0 : moved, adopt };
}

function Focus({ lead, next }: { lead: Queued; next: () => void }) {
  const { zone } = useSession().person;
  const { nameOf } = usePeople();
  const me = useSession().person.id;
  const may = useMay();
  const [dialog, setDialog] = useState<"call" | "assign" | null>(null);
  const summary = useQuery(leadQuery(lead.leadId));
  const now = new Date();
  const taken = lead.presence && lead.presence.personId !== me ? lead.presence : null;
  useActions({
    call: () => may("work") && !taken && setDialog("call"),
    assign: () => may("work") && summary.data && setDialog("assign"),
  });
  return (
    <div className="wrap focus">
      <div className="lead-head">
        <h2>
          <Link to="/leads/$leadId" params={{ leadId: lead.leadId }}>
            {lead.leadId}
          </Link>
        </h2>
        <div className="score">
          <b>{Math.round(lead.score)}</b>
          <Stage name={lead.stage} />
        </div>
        <p className="quiet">
          {lead.lastActivityAt ? `seen ${since(new Date(lead.lastActivityAt), now)}` : "never seen"}
        </p>
      </div>
      <p className="opening">{lead.summary}</p>
      {taken && (
        <p className="banner">
          {nameOf(taken.personId)} is on it, until {clock(new Date(taken.until), zone)}
        </p>
      )}
      <div className="acts">
        {may("work") && (
          <>
            <button
              className="btn primary"
              type="button"
              disabled={taken !== null}
              onClick={() => setDialog("call")}
            >
              Log a call <kbd>C</kbd>
            </button>
            <button
              className="btn"
              type="button"
              disabled={!summary.data}
              onClick={() => setDialog("assign")}
            >
              Assign <kbd>A</kbd>
            </button>
          </>
        )}
        <button className="btn bare" type="button" onClick={next}>
          Next lead <kbd>J</kbd>
        </button>
      </div>
      <dl className="facts">
        <div>
          <dt>Next</dt>
          <dd>
            <span className="strong block">{words(lead.nextAction)}</span>
            <span className="quiet">{lead.nextActionBecause}</span>
          </dd>
        </div>
        <div>
          <dt>First because</dt>
          <dd>{lead.because.text}</dd>
        </div>
        <div>
          <dt>If nothing happens</dt>
          <dd className="strong">
            {lead.drop
              ? `Falls to ${lead.drop.stage} on ${moment(new Date(lead.drop.at), zone, now)}`
              : "Stays as it is"}
          </dd>
        </div>
      </dl>
      <Stairs lead={lead} />
      {dialog === "call" && <CallDialog leadId={lead.leadId} onClose={() => setDialog(null)} />}
      {dialog === "assign" && summary.data && (
        <AssignDialog lead={summary.data} onClose={() => setDialog(null)} />
      )}
    </div>
  );
}

function NextLead({ lead, current, owner }: { lead: Queued; current: boolean; owner: string | undefined }) {
  const { nameOf } = usePeople();
  return (
    <Link
      to="/queue"
      search={{ owner, lead: lead.leadId }}
      replace
      aria-current={current ? "true" : undefined}
    >
      <span className="name clip">{lead.leadId}</span>
      <span className="num">
        {Math.round(lead.score)} <Stage name={lead.stage} wordless />
      </span>
      <span className="why clip">
        {lead.presence ? `${nameOf(lead.presence.personId)} on it` : lead.because.text}
      </span>
    </Link>
  );
}
