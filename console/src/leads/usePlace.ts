/** Where a lead stands in the list or queue that it was opened from. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useOnceReady } from "../keys/useOnceReady";
import { leadsQuery } from "../lists/leadsQuery";
import { markIn } from "../lists/marked";
import { queueIn } from "../queue/list";
import { queueQuery } from "../queue/queueQuery";

export interface Place {
  index: number;
  count: number;
  more: boolean;
  actions: { next?: () => void; back?: () => void };
}

/** The place, and the actions that lead to the neighbours in the list. */
export function usePlace(leadId: string, list: string | undefined): Place {
  const navigate = useNavigate();
  const queue = queueIn(list);
  const leads = useInfiniteQuery({
    ...leadsQuery(queue ? "" : (list ?? "")),
    enabled: list !== undefined && queue === null,
  });
  const queued = useQuery({ ...queueQuery(queue?.owner), enabled: queue !== null });
  const ids = queue ? (queued.data?.items ?? []).map((one) => one.leadId) : idsIn(leads.data);
  const index = list === undefined ? -1 : ids.indexOf(leadId);
  const go = (id: string | undefined) => {
    if (id === undefined || list === undefined) return;
    if (!queue) markIn(list, id);
    void navigate({ to: "/leads/$leadId", params: { leadId: id }, search: { list } });
  };
  const { hasNextPage, fetchNextPage } = leads;
  const isRead = queue ? queued.data !== undefined : leads.data !== undefined;
  const next = useOnceReady(isRead, () => {
    if (index < ids.length - 1) go(ids[index + 1]);
    else if (!queue && hasNextPage) void fetchNextPage().then(({ data }) => go(after(leadId, idsIn(data))));
  });
  const back = useOnceReady(isRead, () => index > 0 && go(ids[index - 1]));
  const actions = list === undefined ? {} : { next, back };
  return { index, count: ids.length, more: !queue && hasNextPage, actions };
}

function idsIn(data: { pages: { items: { leadId: string }[] }[] } | undefined): string[] {
  return data?.pages.flatMap((page) => page.items.map((one) => one.leadId)) ?? [];
}

const after = (id: string, ids: readonly string[]) => ids[ids.indexOf(id) + 1];
