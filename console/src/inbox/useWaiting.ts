/** The conversations as they are shown: in the order that somebody last asked for; an answered one keeps its place until then. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { keepOrder } from "../worklist/order";
import { type Conversation, conversationsQuery } from "./queries";

interface Shown {
  owner: string | undefined;
  channel: string | undefined;
  pages: number;
  rows: Conversation[];
}

export function useWaiting(owner: string | undefined, channel: string | undefined) {
  const query = useInfiniteQuery(conversationsQuery(owner, channel));
  const newest = query.data?.pages.flatMap((page) => page.items);
  const [shown, setShown] = useState<Shown | null>(null);
  const [answered, setAnswered] = useState<ReadonlySet<string>>(new Set());
  const pages = query.data?.pages.length ?? 0;
  const current =
    shown !== null &&
    shown.owner === owner &&
    shown.channel === channel &&
    shown.rows.length > 0 &&
    shown.pages === pages;
  if (newest && !current && newest.length > 0) setShown({ owner, channel, pages, rows: newest });
  const kept = keepOrder(current ? shown.rows : (newest ?? []), newest ?? []);
  const gone = kept.rows.filter((one) => answered.has(one.leadId));
  return {
    query,
    rows: kept.rows,
    answered: new Set(gone.map((one) => one.leadId)),
    moved: current ? Math.max(0, kept.moved - gone.length) : 0,
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
