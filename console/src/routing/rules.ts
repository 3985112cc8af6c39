/** Routing rules as the form holds them, and as the API has them. Pure. */

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

export interface Hours {
  zone: string;
  days: Day[];
  opens: string;
  closes: string;
  holidays: string[];
}

export interface Member {
  rep: string;
  weight: number;
  capacity: number | null;
  /** Null: always at work. */
  hours: Hours | null;
}

export interface Pool {
  id: string;
  members: Member[];
  fallback: string | null;
  fallbackAfterMinutes: number;
  firstTouchMinutes: number | null;
  whenMissed: "escalate" | "reassign";
}

/** A condition: the attribute is one of these values; or another test, which the form keeps as it is. */
export type Condition = { attribute: string; values: string } | { attribute: string; other: unknown };

export interface Rule {
  id: string;
  conditions: Condition[];
  stages: string[];
  pool: string;
}

export interface Routing {
  version: number;
  /** Leads are routed when they enter one of these; none: at their first event. */
  stages: string[];
  maxAgeHours: number;
  rules: Rule[];
  pools: Pool[];
}

export const OFFICE: Hours = {
  zone: "UTC",
  days: ["mon", "tue", "wed", "thu", "fri"],
  opens: "09:00",
  closes: "17:00",
  holidays: [],
};

export const newMember = (rep: string): Member => ({ rep, weight: 1, capacity: null, hours: null });

export function newPool(id: string, reps: string[]): Pool {
  return {
    id,
    members: reps.map(newMember),
    fallback: null,
    fallbackAfterMinutes: 60,
    firstTouchMinutes: null,
    whenMissed: "escalate",
  };
}

export function beginning(reps: string[]): Routing {
  const rules = [{ id: "everybody", conditions: [], stages: [], pool: "everyone" }];
  return { version: 1, stages: [], maxAgeHours: 72, rules, pools: [newPool("everyone", reps)] };
}

type Json = Record<string, unknown>;
const list = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];
const texts = (value: unknown): string[] => list(value).map(String);

/** The rules of a document of the API, which leaves out what is as usual. */
export function routingOf(document: Json): Routing {
  return {
    version: Number(document.version ?? 1),
    stages: texts(document.stages ?? []),
    maxAgeHours: Number(document.maxAgeHours ?? 72),
    rules: list(document.rules).map((one) => ruleOf(one as Json)),
    pools: list(document.pools).map((one) => poolOf(one as Json)),
  };
}

function ruleOf(document: Json): Rule {
  return {
    id: String(document.id),
    conditions: Object.entries((document.where ?? {}) as Json).map(([attribute, test]) =>
      conditionOf(attribute, test),
    ),
    stages: texts(document.stage ?? []),
    pool: String(document.pool),
  };
}

function conditionOf(attribute: string, test: unknown): Condition {
  if (typeof test === "string" && !test.includes(",")) return { attribute, values: test };
  if (typeof test === "object" && test !== null && Object.keys(test).join() === "in") {
    const values = list((test as Json).in);
    const plain = values.every((one) => typeof one === "string" && one !== "" && !one.includes(","));
    if (plain) return { attribute, values: values.join(", ") };
  }
  return { attribute, other: test };
}

function poolOf(document: Json): Pool {
  const number = (value: unknown) => (value === undefined || value === null ? null : Number(value));
  return {
    id: String(document.id),
    members: list(document.members).map((one) => {
      const { rep, weight, capacity, hours } = one as Json;
      return {
        rep: String(rep),
        weight: number(weight) ?? 1,
        capacity: number(capacity),
        hours: hours ? { ...OFFICE, ...(hours as Partial<Hours>) } : null,
      };
    }),
    fallback: document.fallback ? String(document.fallback) : null,
    fallbackAfterMinutes: number(document.fallbackAfterMinutes) ?? 60,
    firstTouchMinutes: number(document.firstTouchMinutes),
    whenMissed: document.whenMissed === "reassign" ? "reassign" : "escalate",
  };
}

/** The document that the API takes. */
export function documentOf(routing: Routing): Json {
  const { stages, rules, pools, ...rest } = routing;
  return {
    ...rest,
    ...(stages.length > 0 && { stages }),
    rules: rules.map(({ id, conditions, stages: of, pool }) => ({
      id,
      pool,
      ...(of.length > 0 && { stage: of }),
      ...(conditions.length > 0 && { where: Object.fromEntries(conditions.map(testOf)) }),
    })),
    pools: pools.map(({ members, fallback, firstTouchMinutes, ...pool }) => ({
      ...pool,
      ...(fallback !== null && { fallback }),
      ...(firstTouchMinutes !== null && { firstTouchMinutes }),
      members: members.map(({ capacity, hours, ...member }) => ({
        ...member,
        ...(capacity !== null && { capacity }),
        ...(hours !== null && { hours }),
      })),
    })),
  };
}

function testOf(condition: Condition): [string, unknown] {
  if ("other" in condition) return [condition.attribute, condition.other];
  const values = condition.values
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
  return [condition.attribute, { in: values }];
}

/** A condition in words. */
export function conditionInWords(condition: Condition): string {
  if ("other" in condition) return `${condition.attribute}: ${JSON.stringify(condition.other)}`;
  return `${condition.attribute} is ${condition.values.replaceAll(/\s*,\s*/g, " or ")}`;
}

/** Working hours in words. */
export function hoursInWords(hours: Hours | null): string {
  if (hours === null) return "always";
  const days = hours.days.join() === OFFICE.days.join() ? "Mon to Fri" : hours.days.map(dayName).join(", ");
  const off = hours.holidays.length > 0 ? `, ${hours.holidays.length} days off` : "";
  return `${days} ${hours.opens} to ${hours.closes}, ${hours.zone}${off}`;
}

export const dayName = (day: Day) => day.charAt(0).toUpperCase() + day.slice(1);
