import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";
import { nowMs } from "../clock";
import { byCursor } from "../parts/Pages";
import type { AnalyticsSearch, Grouping, Measure, Row } from "./selection";

export type Counts = Schemas["CountsView"];
export type Answer = Schemas["AnalyticsView"];
export type MessageResult = Schemas["MessageResultView"];

const DAY_MS = 86_400_000;
/** The numbers follow the log within seconds. */
const EVERY_MS = 15_000;

/** The beginning of a period that ends now. */
export const beginning = (days: number) => new Date(nowMs() - days * DAY_MS).toISOString();

export const countsQuery = (by: Grouping, days: number) =>
  queryOptions({
    queryKey: ["analytics", "counts", by, days],
    queryFn: () =>
      read(api.GET("/api/outreach/analytics", { params: { query: { by, from: beginning(days) } } })),
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  });

interface Opened extends Row {
  by: Grouping;
  measure: Measure;
  from: string;
  to: string;
  reason?: string;
  intent?: string;
}

/** The messages behind a number, each with its lead. */
export const behindQuery = (opened: Opened) =>
  infiniteQueryOptions({
    queryKey: ["analytics", "behind", opened],
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/outreach/analytics/leads", { params: { query: { ...opened, cursor: pageParam } } })),
    ...byCursor,
    placeholderData: keepPreviousData,
  });

/** The part of the address that names a row. */
export function rowIn({ sequence, step, variant, channel, campaign }: AnalyticsSearch): Row {
  return { sequence, step, variant, channel, campaign };
}

export const campaignNamesQuery = queryOptions({
  queryKey: ["campaigns", "names"],
  queryFn: () => read(api.GET("/api/campaigns", { params: { query: { limit: 200 } } })),
});
