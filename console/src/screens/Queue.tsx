/** Whom to turn to now, and why: one lead at a time, and the next ones beside it. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";
import { Heading } from "../parts/Heading";
import { Empty, Failure, Loading } from "../parts/states";
import { Focus } from "../queue/Focus";
import { listOfQueue } from "../queue/list";
import { NextLeads } from "../queue/NextLeads";
import { Snoozed } from "../queue/Snoozed";
import { useFinish } from "../queue/useFinish";
import { useQueue } from "../queue/useQueue";

const route = getRouteApi("/shell/queue");
const WHOSE = [
  { name: "Mine", owner: "me" },
  { name: "Everybody’s", owner: undefined },
  { name: "Nobody’s", owner: "none" },
] as const;

export function Queue() {
  const { owner, lead: leadId } = route.useSearch();
  const navigate = useNavigate();
  const { query, rows, moved, bringUpToDate, putOff, putBack } = useQueue(owner);
  const index = Math.max(
    0,
    rows.findIndex((one) => one.leadId === leadId),
  );
  const current = rows[index];
  const choose = (id: string | undefined) => {
    if (id !== undefined)
      void navigate({ to: "/queue", search: { owner, lead: id }, replace: true, resetScroll: false });
  };
  const { snooze, finish } = useFinish({
    putOff: (id) => {
      choose((rows[index + 1] ?? rows[index - 1])?.leadId);
      putOff(id);
    },
    putBack: (id) => {
      putBack(id);
      choose(id);
    },
  });
  const list = listOfQueue(owner);
  const open = (id: string) =>
    void navigate({ to: "/leads/$leadId", params: { leadId: id }, search: { list } });
  useActions({
    next: () => choose(rows[index + 1]?.leadId),
    back: () => choose(rows[index - 1]?.leadId),
    refresh: bringUpToDate,
    open: () => current && open(current.leadId),
  });
  return (
    <div className="with-aside">
      <main id="main">
        <div className="top">
          <Heading title="Queue" />
          <nav className="end pick" aria-label="Whose leads">
            {WHOSE.map((one) => (
              <Link
                key={one.name}
                to="/queue"
                search={{ owner: one.owner }}
                activeOptions={{ explicitUndefined: true }}
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
            <button className="btn" type="button" onClick={bringUpToDate}>
              Bring up to date <Key of="refresh" />
            </button>
          </div>
        )}
        {query.error && !query.data && (
          <Failure what="The queue" error={query.error} retry={() => void query.refetch()} />
        )}
        {query.isPending && !query.error && <Loading what="the queue" />}
        {query.data && rows.length === 0 && <NobodyWaits owner={owner} />}
        {current && (
          <Focus
            key={current.leadId}
            lead={current}
            list={list}
            next={() => choose(rows[index + 1]?.leadId)}
            snooze={snooze}
            finish={finish}
          />
        )}
      </main>
      <aside className="aside next" aria-label="Next leads">
        <NextLeads rows={rows} current={current?.leadId} owner={owner} />
        <Snoozed items={query.data?.snoozed ?? []} back={bringUpToDate} />
      </aside>
    </div>
  );
}

function NobodyWaits({ owner }: { owner: string | undefined }) {
  return (
    <Empty title="Nobody waits.">
      <p>
        {owner === undefined ? "Leads come here when something happens. " : "Look at "}
        <Link className="link" to={owner === undefined ? "/leads" : "/queue"}>
          {owner === undefined ? "All leads" : "everybody’s queue"}
        </Link>
        .
      </p>
    </Empty>
  );
}
