import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";
import { byCursor } from "../parts/Pages";
import type { Label } from "../rules/queries";

export type Sequence = Schemas["CountedSequenceView"];
export type Enrolment = Schemas["EnrolmentView"];
export type CalendarEntry = Schemas["CalendarEntryView"];

const MOST = 200;
/** Leads come and go while one looks. */
const EVERY_MS = 5_000;
/** Numbers are counted up to this many. */
export const MOST_COUNTED = 10_000;

export const sequencesQuery = queryOptions({
  queryKey: ["sequences", "list"],
  queryFn: () => read(api.GET("/api/sequences", { params: { query: { limit: MOST } } })),
  refetchInterval: EVERY_MS,
});

const path = ({ name, version }: Label) => ({ path: { name, version: String(version) } });

export const textQuery = (label: Label) =>
  queryOptions({
    queryKey: ["sequences", "text", label.name, label.version],
    queryFn: () => read(api.GET("/api/sequences/{name}/{version}", { params: path(label) })),
  });

export const explanationQuery = (label: Label) =>
  queryOptions({
    queryKey: ["sequences", "explanation", label.name, label.version],
    queryFn: () => read(api.GET("/api/sequences/{name}/{version}/explanation", { params: path(label) })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const trialQuery = (label: Label) =>
  queryOptions({
    queryKey: ["sequences", "trial", label.name, label.version],
    queryFn: () => read(api.GET("/api/sequences/{name}/{version}/calendar", { params: path(label) })),
  });

/** The leads that are in a version, or were. */
export const enrolledQuery = (label: Label, active: boolean) =>
  infiniteQueryOptions({
    queryKey: ["sequences", "enrolled", label.name, label.version, active],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/sequences/{name}/{version}/enrolments", {
          params: { ...path(label), query: { active, cursor: pageParam } },
        }),
      ),
    ...byCursor,
    refetchInterval: EVERY_MS,
  });

/** What the lead is and was in, newest first; the live stream has it read again when the lead changes. */
export const enrolmentsQuery = (leadId: string) =>
  queryOptions({
    queryKey: ["lead", leadId, "enrolments"],
    queryFn: () =>
      read(
        api.GET("/api/leads/{lead_id}/enrolments", {
          params: { path: { lead_id: leadId }, query: { limit: MOST } },
        }),
      ),
  });

/** What the sequences of the lead will do if nothing happens meanwhile. */
export const calendarQuery = (leadId: string) =>
  queryOptions({
    queryKey: ["lead", leadId, "calendar"],
    queryFn: () => read(api.GET("/api/leads/{lead_id}/calendar", { params: { path: { lead_id: leadId } } })),
  });
