/** Addresses of sequences, campaigns, and of the numbers about what they sent. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { searchOf } from "../analytics/selection";
import { oneOf, shell, text } from "./frame";

const list = createRoute({
  getParentRoute: () => shell,
  path: "/sequences",
  component: lazyRouteComponent(() => import("../screens/Sequences"), "Sequences"),
});
const draft = createRoute({
  getParentRoute: () => shell,
  path: "/sequences/draft",
  validateSearch: (search: Record<string, unknown>): { from?: string } => ({ from: text(search.from) }),
  component: lazyRouteComponent(() => import("../screens/SequenceDraft"), "SequenceDraft"),
});
const which = oneOf("ended");
const one = createRoute({
  getParentRoute: () => shell,
  path: "/sequences/$name/$version",
  validateSearch: (search: Record<string, unknown>): { show?: ReturnType<typeof which> } => ({
    show: which(search.show),
  }),
  component: lazyRouteComponent(() => import("../screens/Sequence"), "SequenceScreen"),
});

const campaigns = createRoute({
  getParentRoute: () => shell,
  path: "/campaigns",
  component: lazyRouteComponent(() => import("../screens/Campaigns"), "Campaigns"),
});
const newCampaign = createRoute({
  getParentRoute: () => shell,
  path: "/campaigns/new",
  component: lazyRouteComponent(() => import("../screens/NewCampaign"), "NewCampaign"),
});
const resultOf = oneOf("present", "waiting", "underWay", "done", "withheld", "failed");
const campaign = createRoute({
  getParentRoute: () => shell,
  path: "/campaigns/$campaignId",
  validateSearch: (search: Record<string, unknown>): { show?: ReturnType<typeof resultOf> } => ({
    show: resultOf(search.show),
  }),
  component: lazyRouteComponent(() => import("../screens/Campaign"), "CampaignScreen"),
});

const analytics = createRoute({
  getParentRoute: () => shell,
  path: "/analytics",
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import("../screens/Analytics"), "Analytics"),
});

export const sequences = [list, draft, one, campaigns, newCampaign, campaign, analytics] as const;
