/** Whom to turn to now, and why: one lead at a time, and the next ones beside it. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Heading } from "../parts/Heading";
import { Empty, Failure, Loading } from "../parts/states";
import { Focus } from "../queue/Focus";
import { listOfQueue } from "../queue/list";
import { NextLeads } from "../queue/NextLeads";
import { Snoozed } from "../queue/Snoozed";
import { useFinish } from "../queue/useFinish";
import { useQueue } from "../queue/useQueue";
import { Moved } from "../worklist/Moved";
import { useTurn } from "../worklist/useTurn";
import { WhoseLeads } from "../worklist/WhoseLeads";

const route = getRouteApi("/shell/queue");

export function Queue() {
  const { owner, lead: leadId } = route.useSearch();
  const navigate = useNavigate();
  const { query, rows, moved, bringUpToDate, putOff, putBack } = useQueue(owner);
  const list = listOfQueue(owner);
  const choose = (id: string) =>
    void navigate({ to: "/queue", search: { owner, lead: id }, replace: true, resetScroll: false });
  const { current, next, leave } = useTurn(rows, {
    leadId,
    choose,
    open: (id) => void navigate({ to: "/leads/$leadId", params: { leadId: id }, search: { list } }),
    bringUpToDate,
  });
  const { snooze, finish } = useFinish({
    putOff: (id) => {
      leave();
      putOff(id);
    },
    putBack: (id) => {
      putBack(id);
      choose(id);
    },
  });
  return (
    <div className="with-aside">
      <main id="main">
        <div className="top">
          <Heading title="Queue" />
          <WhoseLeads to="/queue" owner={owner} />
        </div>
        <Moved count={moved} bringUpToDate={bringUpToDate} />
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
            next={next}
            snooze={snooze}
            finish={finish}
          />
        )}
      </main>
      <aside className="aside next" aria-label="Next leads">
        {rows.length > 0 && <NextLeads rows={rows} current={current?.leadId} owner={owner} />}
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
