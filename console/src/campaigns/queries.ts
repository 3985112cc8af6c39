import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";
import type { paths } from "../api/schema";
import { byCursor } from "../parts/Pages";

export type Campaign = Schemas["CampaignView"];
export type CampaignWithProgress = Schemas["CampaignWithProgressView"];
export type Estimate = Schemas["EstimateView"];
export type Progress = Schemas["CampaignProgressView"];
export type Result = NonNullable<
  NonNullable<paths["/api/campaigns/{campaign_id}/leads"]["get"]["parameters"]["query"]>["result"]
>;
export type Draft = NonNullable<
  paths["/api/campaigns"]["post"]["requestBody"]
>["content"]["application/json"];

export const CAMPAIGNS = ["campaigns"];
/** While something is going on. */
const EVERY_MS = 1_500;
/** A campaign that others may have changed. */
const SELDOM_MS = 10_000;

/** Whether its figures change by themselves. */
export function isMoving({ state, estimate }: Campaign): boolean {
  return ["running", "scheduled"].includes(state) || (estimate !== null && estimate.state !== "ready");
}

export const campaignsQuery = infiniteQueryOptions({
  queryKey: [...CAMPAIGNS, "list"],
  queryFn: ({ pageParam }) => read(api.GET("/api/campaigns", { params: { query: { cursor: pageParam } } })),
  ...byCursor,
  refetchInterval: SELDOM_MS,
});

export const campaignQuery = (campaignId: string) =>
  queryOptions({
    queryKey: [...CAMPAIGNS, "one", campaignId],
    queryFn: () =>
      read(api.GET("/api/campaigns/{campaign_id}", { params: { path: { campaign_id: campaignId } } })),
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? EVERY_MS : SELDOM_MS),
  });

/** The leads behind one number of the progress. */
export const leadsQuery = (campaignId: string, result: Result) =>
  infiniteQueryOptions({
    queryKey: [...CAMPAIGNS, "leads", campaignId, result],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/campaigns/{campaign_id}/leads", {
          params: { path: { campaign_id: campaignId }, query: { result, cursor: pageParam } },
        }),
      ),
    ...byCursor,
    refetchInterval: SELDOM_MS,
  });
