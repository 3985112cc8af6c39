import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";

export type Queued = Schemas["QueuedLeadView"];

/** What was asked for before the screen was drawn is not asked for again; the live stream says when it has changed. */
const FRESH_MS = 2_000;

export function queueQuery(owner: string | undefined) {
  return queryOptions({
    queryKey: ["queue", owner ?? "all"],
    queryFn: () => read(api.GET("/api/queue", { params: { query: { owner, limit: 21 } } })),
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
  });
}
