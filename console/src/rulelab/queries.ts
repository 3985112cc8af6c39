import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, Problem, read, type Schemas } from "../api/client";
import type { paths } from "../api/schema";
import { byCursor } from "../parts/Pages";

export type Preview = Schemas["PreviewView"];
export type Figures = NonNullable<Preview["figures"]>;
export type Challenger = Schemas["ShadowReportView"];
export type ComparedLead = Schemas["PreviewLeadView"];
type Query = NonNullable<paths["/api/previews/{preview_id}/leads"]["get"]["parameters"]["query"]>;
/** Which leads of a preview are listed: those behind one of its numbers. */
export type Behind = Pick<Query, "moved" | "ended" | "before" | "after" | "automation" | "fired">;

/** Figures sharpen in rounds; they are read again as long as there are more to come. */
const EVERY_MS = 2_000;

export function previewQuery(previewId: string) {
  return queryOptions({
    queryKey: ["previews", previewId],
    queryFn: () =>
      read(api.GET("/api/previews/{preview_id}", { params: { path: { preview_id: previewId } } })),
    refetchInterval: ({ state }) => (state.data && state.data.status !== "running" ? false : EVERY_MS),
  });
}

/** The challenger beside the active rules; null if there is none. */
export const challengerQuery = queryOptions({
  queryKey: ["challenger"],
  queryFn: () =>
    read(api.GET("/api/rulebooks/shadow")).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    }),
  refetchInterval: ({ state }) => (state.data && state.data.shadow.status !== "ended" ? EVERY_MS : false),
});

export const previewsQuery = queryOptions({
  queryKey: ["previews"],
  queryFn: () => read(api.GET("/api/previews")),
});

/** The leads behind a number, those whose score moves most first. */
export function leadsBehindQuery(previewId: string, behind: Behind) {
  return infiniteQueryOptions({
    queryKey: ["previews", previewId, "leads", behind],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/previews/{preview_id}/leads", {
          params: { path: { preview_id: previewId }, query: { ...behind, limit: 20, cursor: pageParam } },
        }),
      ),
    ...byCursor,
  });
}
