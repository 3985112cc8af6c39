/** Addresses of the screens that say how the engine works and change it. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { TailFilter } from "../operations/tail";
import type { Behind } from "../rulelab/queries";
import { oneOf, shell, text } from "./frame";

const rules = createRoute({
  getParentRoute: () => shell,
  path: "/rules",
  component: lazyRouteComponent(() => import("../screens/Rules"), "Rules"),
});
const comparison = createRoute({
  getParentRoute: () => shell,
  path: "/rules/compare",
  validateSearch: (search: Record<string, unknown>): { from?: string; to?: string } => ({
    from: text(search.from),
    to: text(search.to),
  }),
  component: lazyRouteComponent(() => import("../screens/RulesComparison"), "RulesComparison"),
});
const models = createRoute({
  getParentRoute: () => shell,
  path: "/rules/models",
  component: lazyRouteComponent(() => import("../screens/Models"), "Models"),
});
const draft = createRoute({
  getParentRoute: () => shell,
  path: "/rules/draft",
  validateSearch: (search: Record<string, unknown>): { from?: string } => ({ from: text(search.from) }),
  component: lazyRouteComponent(() => import("../screens/RulesDraft"), "RulesDraft"),
});
const moves = oneOf("up", "down", "not");
const ends = oneOf("open", "won", "lost", "disqualified");
const fires = oneOf("now", "then", "new", "lost");
const preview = createRoute({
  getParentRoute: () => shell,
  path: "/rules/previews/$previewId",
  validateSearch: (search: Record<string, unknown>): Behind => ({
    moved: moves(search.moved),
    ended: ends(search.ended),
    before: text(search.before),
    after: text(search.after),
    automation: text(search.automation),
    fired: fires(search.fired),
  }),
  component: lazyRouteComponent(() => import("../screens/RulesPreview"), "RulesPreview"),
});
const rulebook = createRoute({
  getParentRoute: () => shell,
  path: "/rules/$name/$version",
  component: lazyRouteComponent(() => import("../screens/Rulebook"), "Rulebook"),
});

const webhooks = createRoute({
  getParentRoute: () => shell,
  path: "/ops/webhooks",
  component: lazyRouteComponent(() => import("../screens/Webhooks"), "Webhooks"),
});
const stateOfDelivery = oneOf("pending", "failed", "held", "delivered", "dead");
const webhook = createRoute({
  getParentRoute: () => shell,
  path: "/ops/webhooks/$endpointId",
  validateSearch: (search: Record<string, unknown>): { state?: ReturnType<typeof stateOfDelivery> } => ({
    state: stateOfDelivery(search.state),
  }),
  component: lazyRouteComponent(() => import("../screens/Webhook"), "Webhook"),
});
const keys = createRoute({
  getParentRoute: () => shell,
  path: "/ops/keys",
  component: lazyRouteComponent(() => import("../screens/Keys"), "Keys"),
});
const audit = createRoute({
  getParentRoute: () => shell,
  path: "/ops/audit",
  validateSearch: (search: Record<string, unknown>): { target?: string } => ({ target: text(search.target) }),
  component: lazyRouteComponent(() => import("../screens/AuditLog"), "AuditLog"),
});

const routing = createRoute({
  getParentRoute: () => shell,
  path: "/team/routing",
  component: lazyRouteComponent(() => import("../screens/Routing"), "Routing"),
});
const routingDraft = createRoute({
  getParentRoute: () => shell,
  path: "/team/routing/draft",
  validateSearch: (search: Record<string, unknown>): { from?: number } => ({
    from: Number(search.from) || undefined,
  }),
  component: lazyRouteComponent(() => import("../screens/RoutingDraft"), "RoutingDraft"),
});

const stateOfRun = oneOf("pending", "running", "held", "done", "dead");
const automations = createRoute({
  getParentRoute: () => shell,
  path: "/automations",
  validateSearch: (
    search: Record<string, unknown>,
  ): { state?: ReturnType<typeof stateOfRun>; rule?: string } => ({
    state: stateOfRun(search.state),
    rule: text(search.rule),
  }),
  component: lazyRouteComponent(() => import("../screens/Automations"), "Automations"),
});

const events = createRoute({
  getParentRoute: () => shell,
  path: "/ops/events",
  validateSearch: (search: Record<string, unknown>): TailFilter => ({
    type: text(search.type),
    lead: text(search.lead),
    source: text(search.source),
  }),
  component: lazyRouteComponent(() => import("../screens/LiveTail"), "LiveTail"),
});

const sources = createRoute({
  getParentRoute: () => shell,
  path: "/ops/sources",
  component: lazyRouteComponent(() => import("../screens/Sources"), "Sources"),
});
const source = createRoute({
  getParentRoute: () => shell,
  path: "/ops/sources/$sourceId",
  component: lazyRouteComponent(() => import("../screens/Source"), "Source"),
});

const imports = createRoute({
  getParentRoute: () => shell,
  path: "/imports",
  component: lazyRouteComponent(() => import("../screens/Imports"), "Imports"),
});
const newImport = createRoute({
  getParentRoute: () => shell,
  path: "/imports/new",
  component: lazyRouteComponent(() => import("../screens/NewImport"), "NewImport"),
});
const oneImport = createRoute({
  getParentRoute: () => shell,
  path: "/imports/$importId",
  component: lazyRouteComponent(() => import("../screens/Import"), "ImportScreen"),
});

const stateOfUnit = oneOf("waiting", "retrying", "held", "done", "dead");
const work = createRoute({
  getParentRoute: () => shell,
  path: "/ops/work",
  validateSearch: (
    search: Record<string, unknown>,
  ): { kind?: string; state?: ReturnType<typeof stateOfUnit> } => ({
    kind: text(search.kind),
    state: stateOfUnit(search.state),
  }),
  component: lazyRouteComponent(() => import("../screens/Work"), "Work"),
});

export const administration = [
  work,
  imports,
  newImport,
  oneImport,
  sources,
  source,
  events,
  automations,
  rules,
  comparison,
  models,
  draft,
  preview,
  rulebook,
  routing,
  routingDraft,
  webhooks,
  webhook,
  keys,
  audit,
] as const;
