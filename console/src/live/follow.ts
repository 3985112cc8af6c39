/** Frames into the query cache: rows that are shown and older are read again by id, gathered for 150 ms. */
import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";
import { filterIn, type Lead } from "../lists/filter";
import { PAGE } from "../lists/leadsQuery";
import { refresh } from "../lists/refresh";
import { sessionQuery } from "../sessionQuery";
import { changedLeads, type Input } from "./frames";
import type { Live } from "./live";

const GATHER_MS = 150;
/** The queue is computed as a whole, so a busy stream asks for it a few times a second at most. */
const QUEUE_MS = 300;
/** Of one batch; a busier stream says so by a bar instead of reading rows that nobody sees. */
const MOST_READ = 30;

type Pages = InfiniteData<Schemas["LeadsPage"], string | undefined>;

/** Keep what is shown up to date. Returns the function that ends it. */
export function followLive(live: Live, client: QueryClient, me: string): () => void {
  let waiting = new Map<string, number>();
  let timer = 0;

  let queueTimer = 0;

  const flush = () => {
    timer = 0;
    if (queueTimer === 0) queueTimer = window.setTimeout(readQueue, QUEUE_MS);
    const changed = waiting;
    waiting = new Map();
    refreshLeads(client, changed, me).catch(() => undefined); // the next frame or hello tries again
  };
  const readQueue = () => {
    queueTimer = 0;
    for (const list of ["queue", "inbox"]) {
      client.invalidateQueries({ queryKey: [list] }).catch(() => undefined);
    }
  };
  const everything = async () => {
    const apart = ["session", "leads", "moved"];
    const queued = leadsInQueue(client);
    await Promise.all([
      client.refetchQueries({
        type: "active",
        predicate: (one) => !apart.includes(String(one.queryKey[0])) && !isOfQueued(one, queued),
      }),
      refreshLists(client, me),
    ]);
    // What a lead of the queue has told us, and was read after its row, is as new as that: nothing but its events changes it.
    const now = leadsInQueue(client);
    const position = (leads: Map<string, InQueue>, { queryKey }: Query) =>
      leads.get(String(queryKey[1]))?.position;
    await client.refetchQueries({
      type: "active",
      predicate: (one) => isOfQueued(one, queued) && position(now, one) !== position(queued, one),
    });
    live.caughtUp();
  };
  // Another proof of the same person makes another session, and the stream of the one before ends.
  const lookAtSession = async () => {
    await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
    live.reconnect();
  };
  const follow = (input: Input) => {
    if (input.kind !== "frame") return;
    if (input.name === "hello" || input.name === "reset") everything().catch(() => undefined);
    if (input.name === "bye") lookAtSession().catch(() => undefined);
    if (input.name !== "leads") return;
    for (const [leadId, position] of changedLeads(input.data)) waiting.set(leadId, position);
    if (timer === 0) timer = window.setTimeout(flush, GATHER_MS);
  };
  const end = live.follow(follow);
  return () => {
    clearTimeout(timer);
    clearTimeout(queueTimer);
    end();
  };
}

interface InQueue {
  position: number;
  /** When the row was read, in milliseconds. */
  readAt: number;
}

/** Each lead in the queues that are shown. */
function leadsInQueue(client: QueryClient): Map<string, InQueue> {
  const queues = client.getQueryCache().findAll({ queryKey: ["queue"], type: "active" });
  return new Map(
    queues.flatMap(({ state }) => {
      const rows = (state.data as Schemas["QueueView"] | undefined)?.items ?? [];
      return rows.map(({ leadId, position }) => [leadId, { position, readAt: state.dataUpdatedAt }] as const);
    }),
  );
}

/** Whether it is what a lead of the queue has told us, and was read without a failure and after the row of the lead. */
function isOfQueued({ queryKey: [kind, leadId, part], state }: Query, queued: Map<string, InQueue>): boolean {
  const row = queued.get(String(leadId));
  return (
    kind === "lead" &&
    part === "updates" &&
    !state.isInvalidated &&
    row !== undefined &&
    row.readAt <= state.dataUpdatedAt
  );
}

async function refreshLeads(client: QueryClient, changed: Map<string, number>, me: string): Promise<void> {
  for (const leadId of changed.keys()) {
    client.invalidateQueries({ queryKey: ["lead", leadId] }).catch(() => undefined);
  }
  client.invalidateQueries({ queryKey: ["tasks"] }).catch(() => undefined);
  const lists = client.getQueriesData<Pages>({ queryKey: ["leads"], type: "active" });
  if (lists.length === 0) {
    client.invalidateQueries({ queryKey: ["leads"], refetchType: "none" }).catch(() => undefined);
    return;
  }
  const positions = new Map(
    lists.flatMap(
      ([, data]) =>
        data?.pages.flatMap((page) => page.items.map((one) => [one.leadId, one.position] as const)) ?? [],
    ),
  );
  const shown = [...changed].filter(([leadId, position]) => (positions.get(leadId) ?? Infinity) < position);
  const others = [...changed].filter(([leadId]) => !positions.has(leadId));
  const ids = [...shown, ...others].slice(0, MOST_READ).map(([leadId]) => leadId);
  const found = await Promise.allSettled(
    ids.map((leadId) => read(api.GET("/api/leads/{lead_id}", { params: { path: { lead_id: leadId } } }))),
  );
  const newer = found.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  for (const [key] of lists) applyTo(client, key, newer, me);
}

/** Every row of the lists that are shown, each in its place: after a gap the order is kept too. */
async function refreshLists(client: QueryClient, me: string): Promise<void> {
  for (const [key, data] of client.getQueriesData<Pages>({ queryKey: ["leads"], type: "active" })) {
    const newer: Lead[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < (data?.pages.length ?? 0); page += 1) {
      const query = { ...filterIn(String(key[1])), limit: PAGE, cursor };
      const found = await read(api.GET("/api/leads", { params: { query } }));
      newer.push(...found.items);
      if (found.nextCursor === null) break;
      cursor = found.nextCursor;
    }
    const ids = new Set(newer.map((one) => one.leadId));
    const gone = data?.pages.flatMap((page) => page.items).filter((one) => !ids.has(one.leadId)) ?? [];
    applyTo(client, key, newer, me);
    await refreshLeads(client, new Map(gone.map((one) => [one.leadId, Number.MAX_SAFE_INTEGER])), me);
  }
}

function applyTo(client: QueryClient, key: readonly unknown[], newer: Lead[], me: string): void {
  const query = String(key[1]);
  const data = client.getQueryData<Pages>(key);
  if (!data) return;
  const rows = data.pages.flatMap((page) => page.items);
  const complete = data.pages.at(-1)?.nextCursor === null;
  const found = refresh(rows, newer, { filter: filterIn(query), me, complete });
  let at = 0;
  const pages = data.pages.map((page) => {
    const items = found.leads.slice(at, at + page.items.length);
    at += page.items.length;
    return { ...page, items };
  });
  client.setQueryData<Pages>(key, { ...data, pages });
  if (found.moved.length > 0) {
    client.setQueryData<string[]>(["moved", query], (before) => [
      ...new Set([...(before ?? []), ...found.moved]),
    ]);
  }
}
