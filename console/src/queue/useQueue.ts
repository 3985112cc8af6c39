/** The queue as it is shown: in the order that somebody last asked for, without the leads that are put off. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Schemas } from "../api/client";
import { say } from "../parts/notices";
import { keepOrder } from "../worklist/order";
import { type Queued, queueQuery } from "./queueQuery";

export interface ShownQueue {
  query: ReturnType<typeof useQuery<Schemas["QueueView"]>>;
  rows: Queued[];
  /** Leads that would stand elsewhere, come, or go. */
  moved: number;
  bringUpToDate: () => void;
  /** Take a lead off the screen, until it is put back or the queue is brought up to date. */
  putOff: (leadId: string) => void;
  putBack: (leadId: string) => void;
}

const none: ReadonlySet<string> = new Set();

export function useQueue(owner: string | undefined): ShownQueue {
  const client = useQueryClient();
  const query = useQuery(queueQuery(owner));
  const newest = query.data?.items;
  const [shown, setShown] = useState<{ owner: string | undefined; rows: Queued[] } | null>(null);
  const [off, setOff] = useState(none);
  const current = shown !== null && shown.owner === owner && shown.rows.length > 0;
  useEffect(() => {
    if (newest && !current && !query.isPlaceholderData) setShown({ owner, rows: newest });
  }, [newest, owner, current, query.isPlaceholderData]);
  // Those of another owner stay until the new ones are there.
  const before = current || query.isPlaceholderData ? shown?.rows : newest;
  const { rows, moved } = keepOrder(
    (before ?? []).filter((one) => !off.has(one.leadId)),
    (newest ?? []).filter((one) => !off.has(one.leadId)),
  );
  return {
    query,
    rows,
    moved: current ? moved : 0,
    bringUpToDate: () => {
      const latest = client.getQueryData(queueQuery(owner).queryKey)?.items; // newer than what was rendered, perhaps
      if (!latest) return;
      setShown({ owner, rows: latest });
      setOff(none);
      say("The queue is up to date.");
    },
    putOff: (leadId) => setOff((before) => new Set([...before, leadId])),
    putBack: (leadId) => setOff((before) => new Set([...before].filter((one) => one !== leadId))),
  };
}
