/** Leads that wait for an answer, the longest first: one conversation at a time, the others beside it. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Answer } from "../inbox/Answer";
import type { Conversation } from "../inbox/queries";
import { conversationsQuery } from "../inbox/queries";
import { InboxTop } from "../inbox/Tabs";
import { WaitingLeads } from "../inbox/WaitingLeads";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";
import { Empty, Failure, Loading } from "../parts/states";
import { keepOrder } from "../queue/order";

const route = getRouteApi("/shell/inbox");
const WHOSE = [
  { name: "Mine", owner: "me" },
  { name: "Everybody’s", owner: undefined },
  { name: "Nobody’s", owner: "none" },
] as const;

export function Inbox() {
  const { owner, lead: leadId } = route.useSearch();
  const navigate = useNavigate();
  const { query, rows, moved, bringUpToDate, answered, answer } = useWaiting(owner);
  const index = Math.max(
    0,
    rows.findIndex((one) => one.leadId === leadId),
  );
  const current = rows[index];
  const choose = (id: string | undefined) => {
    if (id !== undefined)
      void navigate({ to: "/inbox", search: { owner, lead: id }, replace: true, resetScroll: false });
  };
  const next = () => choose(rows[index + 1]?.leadId);
  useActions({
    next,
    back: () => choose(rows[index - 1]?.leadId),
    refresh: bringUpToDate,
    open: () => current && void navigate({ to: "/leads/$leadId", params: { leadId: current.leadId } }),
  });
  return (
    <div className="with-aside">
      <main id="main">
        <InboxTop title="Inbox">
          <nav className="end pick" aria-label="Whose leads">
            {WHOSE.map((one) => (
              <Link
                key={one.name}
                to="/inbox"
                search={{ owner: one.owner }}
                activeOptions={{ explicitUndefined: true }}
                aria-current={one.owner === owner ? "page" : undefined}
              >
                {one.name}
              </Link>
            ))}
          </nav>
        </InboxTop>
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
          <Failure what="The inbox" error={query.error} retry={() => void query.refetch()} />
        )}
        {query.isPending && !query.error && <Loading what="the inbox" />}
        {query.data && rows.length === 0 && <NobodyWaits owner={owner} />}
        {current && <Answer key={current.leadId} of={current} next={next} answered={answer} />}
      </main>
      <aside className="aside next" aria-label="Leads that wait">
        <WaitingLeads rows={rows} current={current?.leadId} owner={owner} answered={answered} />
        {query.hasNextPage && (
          <p className="pad">
            <button className="btn" type="button" onClick={() => void query.fetchNextPage()}>
              Show more
            </button>
          </p>
        )}
      </aside>
    </div>
  );
}

/** The list in the order that somebody last asked for; one that is answered keeps its place until then. */
function useWaiting(owner: string | undefined) {
  const query = useInfiniteQuery(conversationsQuery(owner));
  const newest = query.data?.pages.flatMap((page) => page.items);
  const [shown, setShown] = useState<{
    owner: string | undefined;
    pages: number;
    rows: Conversation[];
  } | null>(null);
  const [answered, setAnswered] = useState<ReadonlySet<string>>(new Set());
  const pages = query.data?.pages.length ?? 0;
  const current = shown !== null && shown.owner === owner && shown.rows.length > 0 && shown.pages === pages;
  if (newest && !current && newest.length > 0) setShown({ owner, pages, rows: newest });
  const kept = keepOrder(current ? shown.rows : (newest ?? []), newest ?? []);
  const gone = kept.rows.filter((one) => answered.has(one.leadId)).length;
  return {
    query,
    rows: kept.rows,
    answered: new Set(kept.rows.filter((one) => answered.has(one.leadId)).map((one) => one.leadId)),
    moved: current ? Math.max(0, kept.moved - gone) : 0,
    bringUpToDate: () =>
      void query.refetch().finally(() => {
        setShown(null);
        setAnswered(new Set());
      }),
    answer: (leadId: string, is: boolean) =>
      setAnswered(
        (before) => new Set([...[...before].filter((one) => one !== leadId), ...(is ? [leadId] : [])]),
      ),
  };
}

function NobodyWaits({ owner }: { owner: string | undefined }) {
  return (
    <Empty title="Nobody waits for an answer.">
      <p>
        What leads write comes here; which events ask for an answer is said by the{" "}
        <Link className="link" to="/rules">
          rules
        </Link>
        .{" "}
        {owner !== undefined && (
          <Link className="link" to="/inbox">
            Look at everybody’s
          </Link>
        )}
      </p>
    </Empty>
  );
}
