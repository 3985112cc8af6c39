/** Addresses of sequences: their list, one version with its leads, a new version. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
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

export const sequences = [list, draft, one] as const;
