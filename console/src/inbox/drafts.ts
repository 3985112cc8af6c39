import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";
import { byCursor } from "../parts/Pages";

export type Draft = Schemas["DraftView"];

/** Drafts that wait for a decision, newest first. */
export const waitingDraftsQuery = infiniteQueryOptions({
  queryKey: ["inbox", "drafts"],
  queryFn: ({ pageParam }) =>
    read(api.GET("/api/drafts", { params: { query: { state: "waiting", limit: 50, cursor: pageParam } } })),
  ...byCursor,
});

/** Those of one lead. */
export function draftsOfLeadQuery(leadId: string) {
  return queryOptions({
    queryKey: ["lead", leadId, "drafts"],
    queryFn: () =>
      read(api.GET("/api/drafts", { params: { query: { leadId, state: "waiting", limit: 20 } } })),
  });
}
