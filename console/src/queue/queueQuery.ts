import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";

export type Queued = Schemas["QueuedLeadView"];

export function queueQuery(owner: string | undefined) {
  return queryOptions({
    queryKey: ["queue", owner ?? "all"],
    queryFn: () => read(api.GET("/api/queue", { params: { query: { owner, limit: 21 } } })),
    placeholderData: keepPreviousData,
  });
}
