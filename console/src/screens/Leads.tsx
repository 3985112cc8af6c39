/** The list of leads: the filter is the address, the order is kept until somebody asks for a new one. */
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";
import { AssignDialog } from "../leads/AssignDialog";
import { ColumnsMenu } from "../lists/ColumnsMenu";
import { columnsIn } from "../lists/columns";
import { FilterBar } from "../lists/FilterBar";
import { type Filter, queryOf } from "../lists/filter";
import { LeadTable } from "../lists/LeadTable";
import { leadsQuery, MOST_PAGES, PAGE } from "../lists/leadsQuery";
import { useMarked } from "../lists/marked";
import { SelectionBar } from "../lists/SelectionBar";
import type { ListSearch } from "../lists/savedViews";
import { useSelection } from "../lists/useSelection";
import { ViewBar } from "../lists/ViewBar";
import { Heading } from "../parts/Heading";
import { say } from "../parts/notices";
import { Empty, Failure, Loading } from "../parts/states";
import { useMay, usePeople } from "../session";

const route = getRouteApi("/shell/leads");

export function Leads() {
  const search = route.useSearch();
  const { columns: columnNames, view, ...filter } = search;
  const columns = columnsIn(columnNames);
  const query = queryOf(filter);
  const navigate = useNavigate();
  const { people, nameOf } = usePeople();
  const list = useInfiniteQuery(leadsQuery(query));
  const leads = list.data?.pages.flatMap((page) => page.items) ?? [];
  const [marked, mark] = useMarked(query);
  const [assigning, setAssigning] = useState(false);
  const mayWork = useMay()("work");
  const selection = useSelection(
    query,
    leads.map((one) => one.leadId),
  );
  const go = (next: ListSearch) => void navigate({ to: "/leads", search: next });
  const change = (next: Filter) => go({ ...next, columns: columnNames, view });
  const step = (by: number) => {
    const at = leads.findIndex((one) => one.leadId === marked);
    const next = leads[at < 0 ? 0 : Math.min(Math.max(at + by, 0), leads.length - 1)];
    if (next) mark(next.leadId);
  };
  const open = () => {
    if (marked) void navigate({ to: "/leads/$leadId", params: { leadId: marked }, search: { list: query } });
  };
  const upToDate = useUpToDate(query, () => list.refetch());
  useActions({
    next: () => step(1),
    back: () => step(-1),
    open,
    refresh: upToDate,
    ...(mayWork && {
      // Of several leads that are selected the bar above the list takes care.
      ...(selection.list.length === 0 && { assign: () => marked && setAssigning(true) }),
      select: () => marked && selection.toggle(marked),
    }),
  });
  const chosen = leads.find((one) => one.leadId === marked);
  return (
    <main id="main">
      <Heading title="Leads" className="sr" />
      <ViewBar search={search} change={go} />
      <FilterBar filter={filter} change={change} people={people} nameOf={nameOf}>
        <ColumnsMenu columns={columns} change={(next) => go({ ...search, columns: next })} />
        {list.data && (
          <p className="small faint end">
            {leads.length}
            {list.hasNextPage ? "+" : ""} {leads.length === 1 ? "lead" : "leads"}
          </p>
        )}
      </FilterBar>
      <MovedBar query={query} bring={upToDate} />
      {mayWork && <SelectionBar selected={selection.list} clear={selection.clear} />}
      {list.error && !list.data && (
        <Failure what="The list" error={list.error} retry={() => void list.refetch()} />
      )}
      {list.isPending && !list.error && <Loading what="leads" rows={12} />}
      {leads.length > 0 && (
        <LeadTable
          leads={leads}
          columns={columns}
          filter={filter}
          query={query}
          marked={marked}
          mark={mark}
          selection={mayWork ? selection : null}
          nameOf={nameOf}
          sortBy={(sort) => change({ ...filter, sort })}
        />
      )}
      {list.data && leads.length === 0 && !list.hasNextPage && <NoLeads filtered={query !== ""} />}
      {list.hasNextPage && (
        <p className="bottom">
          {leads.length === 0 && "None among the leads that were looked at so far. "}
          <button
            className="btn"
            type="button"
            disabled={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {leads.length === 0 ? "Look further" : `Show ${PAGE} more`}
          </button>
        </p>
      )}
      {(list.data?.pages.length ?? 0) >= MOST_PAGES && (
        <p className="bottom">These are the first {leads.length}. A filter shows others.</p>
      )}
      {assigning && chosen && <AssignDialog lead={chosen} onClose={() => setAssigning(false)} />}
    </main>
  );
}

function useUpToDate(query: string, refetch: () => Promise<unknown>): () => void {
  const client = useQueryClient();
  return () => {
    client.setQueryData(["moved", query], []);
    refetch()
      .then(() => say("The list is up to date."))
      .catch(() => undefined);
  };
}

function MovedBar({ query, bring }: { query: string; bring: () => void }) {
  const { data: moved = [] } = useQuery<string[]>({
    queryKey: ["moved", query],
    queryFn: () => [],
    initialData: [],
    staleTime: Number.POSITIVE_INFINITY,
  });
  const count = moved.length;
  useEffect(() => {
    if (count > 0) say(`${count} moved. The order is kept.`);
  }, [count]);
  if (count === 0) return null;
  return (
    <div className="moved">
      <p>
        <strong>{count} moved</strong> while you were reading. The order below is kept.
      </p>
      <button className="btn" type="button" onClick={bring}>
        Bring up to date <Key of="refresh" />
      </button>
    </div>
  );
}

function NoLeads({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <Empty title="Nobody fits this filter.">
        <p>
          Take a chip off, or look at{" "}
          <Link className="link" to="/leads">
            all leads
          </Link>
          .
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No leads yet.">
      <p>
        A lead begins with its first event:{" "}
        <a className="link" href="/docs">
          POST /api/events
        </a>
        , an import, or <code>make demo</code> for a simulated week of 200 leads. They appear here by
        themselves.
      </p>
    </Empty>
  );
}
