/** Addresses of the inbox: what leads wrote, what was sent to them, and who gets nothing. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { oneOf, shell, text } from "./frame";

const inbox = createRoute({
  getParentRoute: () => shell,
  path: "/inbox",
  validateSearch: (search: Record<string, unknown>): { owner?: string; lead?: string; channel?: string } => ({
    owner: text(search.owner),
    lead: text(search.lead),
    channel: text(search.channel),
  }),
  component: lazyRouteComponent(() => import("../screens/Inbox"), "Inbox"),
});
const drafts = createRoute({
  getParentRoute: () => shell,
  path: "/inbox/drafts",
  component: lazyRouteComponent(() => import("../screens/Drafts"), "Drafts"),
});
const which = oneOf("waiting", "question", "dead");
const messages = createRoute({
  getParentRoute: () => shell,
  path: "/inbox/messages",
  validateSearch: (search: Record<string, unknown>): { show?: ReturnType<typeof which> } => ({
    show: which(search.show),
  }),
  component: lazyRouteComponent(() => import("../screens/Messages"), "Messages"),
});
const suppressions = createRoute({
  getParentRoute: () => shell,
  path: "/inbox/suppressions",
  component: lazyRouteComponent(() => import("../screens/Suppressions"), "Suppressions"),
});

export const outreach = [inbox, drafts, messages, suppressions] as const;
