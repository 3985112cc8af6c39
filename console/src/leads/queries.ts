import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";
import type { paths } from "../api/schema";

export type Intelligence = Awaited<ReturnType<typeof readIntelligence>>;
export type HistoryRow = Schemas["HistoryView"];

const path = (leadId: string) => ({ lead_id: leadId });

/** Who owns the lead, and the position it has applied. */
export function leadQuery(leadId: string) {
  return queryOptions({
    queryKey: ["lead", leadId, "summary"],
    queryFn: () => read(api.GET("/api/leads/{lead_id}", { params: { path: path(leadId) } })),
  });
}

/** A moment to look at a lead; everything that is left out is as it is now. */
export interface Look {
  at?: string;
  known?: "then";
  without?: string;
  withoutRule?: string;
}

type IntelligenceParameters = NonNullable<
  paths["/api/leads/{lead_id}/intelligence"]["get"]["parameters"]["query"]
>;

function readIntelligence(leadId: string, query: IntelligenceParameters) {
  return read(api.GET("/api/leads/{lead_id}/intelligence", { params: { path: path(leadId), query } }));
}

export function intelligenceQuery(leadId: string, { at, known, without, withoutRule }: Look) {
  const query = { asOf: at, knownAt: known ? at : undefined, without, withoutRule };
  return queryOptions({
    queryKey: ["lead", leadId, "intelligence", query],
    queryFn: () => readIntelligence(leadId, query),
    placeholderData: keepPreviousData,
  });
}

export function historyQuery(leadId: string) {
  return infiniteQueryOptions({
    queryKey: ["lead", leadId, "history"],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/leads/{lead_id}/history", {
          params: { path: path(leadId), query: { limit: 50, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
}

export function tasksOfLeadQuery(leadId: string) {
  return queryOptions({
    queryKey: ["tasks", "of", leadId],
    queryFn: () => read(api.GET("/api/tasks", { params: { query: { leadId, state: "open", limit: 50 } } })),
  });
}

export type Curve = Schemas["CurveView"];

const POINTS = 240;

/** Scores between two moments, in milliseconds since the epoch; those after now are what decay alone leads to. */
export function curveQuery(leadId: string, [from, to]: [number, number]) {
  const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), points: POINTS };
  return queryOptions({
    queryKey: ["lead", leadId, "curve", query],
    queryFn: () => read(api.GET("/api/leads/{lead_id}/curve", { params: { path: path(leadId), query } })),
    placeholderData: keepPreviousData,
  });
}

export type Entry = Schemas["TimelineEntryView"];

/** Everything of the lead, newest first. */
export function timelineQuery(leadId: string) {
  return infiniteQueryOptions({
    queryKey: ["lead", leadId, "timeline"],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/leads/{lead_id}/timeline", {
          params: { path: path(leadId), query: { limit: 50, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
}

/** The newest updates of what is known about the lead. */
export function updatesQuery(leadId: string) {
  return queryOptions({
    queryKey: ["lead", leadId, "updates"],
    queryFn: () =>
      read(
        api.GET("/api/leads/{lead_id}/timeline", {
          params: { path: path(leadId), query: { kind: "update", limit: 20 } },
        }),
      ),
  });
}

/** Who has owned the lead, newest first. */
export function assignmentsQuery(leadId: string) {
  return queryOptions({
    queryKey: ["lead", leadId, "assignments"],
    queryFn: () =>
      read(
        api.GET("/api/leads/{lead_id}/timeline", {
          params: { path: path(leadId), query: { kind: "assignment", limit: 50 } },
        }),
      ),
  });
}
