/** Addresses under /console. All state of a screen is in its address, so Back and a copied link return to it. */
import { createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { listSearchOf } from "./lists/savedViews";
import { administration } from "./routes/administration";
import { root, shell, text } from "./routes/frame";
import { outreach } from "./routes/outreach";
import { sequences } from "./routes/sequences";
import { Queue } from "./screens/Queue";

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { next?: string } => ({ next: text(search.next) }),
  component: lazyRouteComponent(() => import("./screens/SignIn"), "SignIn"),
});
const join = createRoute({
  getParentRoute: () => root,
  path: "/join",
  component: lazyRouteComponent(() => import("./screens/Join"), "Join"),
});

const index = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/queue", replace: true });
  },
});
const queue = createRoute({
  getParentRoute: () => shell,
  path: "/queue",
  validateSearch: (search: Record<string, unknown>): { owner?: string; lead?: string } => ({
    owner: text(search.owner),
    lead: text(search.lead),
  }),
  component: Queue,
});
const leads = createRoute({
  getParentRoute: () => shell,
  path: "/leads",
  validateSearch: listSearchOf,
  component: lazyRouteComponent(() => import("./screens/Leads"), "Leads"),
});

export interface LeadSearch {
  /** The moment that is looked at (RFC 3339); now without it. */
  at?: string;
  /** At that moment: only what was known then. */
  known?: "then";
  /** Types of events that are left out, comma separated. */
  without?: string;
  /** Ids of rules that do not score, comma separated. */
  withoutRule?: string;
  /** The list that J and K follow: a query of leads, or a queue. */
  list?: string;
}
const lead = createRoute({
  getParentRoute: () => shell,
  path: "/leads/$leadId",
  validateSearch: (search: Record<string, unknown>): LeadSearch => ({
    at: Number.isNaN(Date.parse(text(search.at) ?? "")) ? undefined : text(search.at),
    known: search.known === "then" ? "then" : undefined,
    without: text(search.without),
    withoutRule: text(search.withoutRule),
    list: typeof search.list === "string" ? search.list : undefined,
  }),
  component: lazyRouteComponent(() => import("./screens/Lead"), "LeadScreen"),
});
const tasks = createRoute({
  getParentRoute: () => shell,
  path: "/tasks",
  validateSearch: (search: Record<string, unknown>): { state?: "done" } => ({
    state: search.state === "done" ? "done" : undefined,
  }),
  component: lazyRouteComponent(() => import("./screens/Tasks"), "Tasks"),
});
const accounts = createRoute({
  getParentRoute: () => shell,
  path: "/accounts",
  validateSearch: (search: Record<string, unknown>): { find?: string } => ({ find: text(search.find) }),
  component: lazyRouteComponent(() => import("./screens/Accounts"), "Accounts"),
});
const account = createRoute({
  getParentRoute: () => shell,
  path: "/accounts/$accountId",
  component: lazyRouteComponent(() => import("./screens/Account"), "Account"),
});
const duplicates = createRoute({
  getParentRoute: () => shell,
  path: "/duplicates",
  component: lazyRouteComponent(() => import("./screens/Duplicates"), "Duplicates"),
});
const team = createRoute({
  getParentRoute: () => shell,
  path: "/team",
  component: lazyRouteComponent(() => import("./screens/Team"), "Team"),
});
const operations = createRoute({
  getParentRoute: () => shell,
  path: "/ops",
  component: lazyRouteComponent(() => import("./screens/Operations"), "Operations"),
});
const me = createRoute({
  getParentRoute: () => shell,
  path: "/me",
  component: lazyRouteComponent(() => import("./screens/Me"), "Me"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    join,
    shell.addChildren([
      index,
      queue,
      leads,
      lead,
      tasks,
      duplicates,
      accounts,
      account,
      team,
      operations,
      me,
      ...outreach,
      ...sequences,
      ...administration,
    ]),
  ]),
  basepath: "/console",
  scrollRestoration: true,
  defaultPreload: "intent",
  // Plain text in the address instead of JSON: ?stage=hot
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const set = Object.entries(search).filter(([, value]) => value !== undefined && value !== null);
    const query = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
    return query === "" ? "" : `?${query}`;
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
