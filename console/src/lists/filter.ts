/** The filter of the list of leads, and its form in the address: what is not set is not there. */
import type { Schemas } from "../api/client";

export type Lead = Schemas["LeadView"];

export const SORTS = ["-score", "score", "-velocity", "-lastActivityAt", "lastActivityAt"] as const;
export type Sort = (typeof SORTS)[number];

export interface Filter {
  stage?: string;
  risk?: string;
  outcome?: string;
  owner?: string;
  tag?: string;
  /** The id of an account. */
  account?: string;
  minScore?: number;
  sort?: Sort;
}

const TEXTS = ["stage", "risk", "outcome", "owner", "tag", "account"] as const;

/** The filter in the parameters of an address. Anything else, and any value that cannot be, is left out. */
export function filterOf(search: Record<string, unknown>): Filter {
  const filter: Filter = {};
  for (const name of TEXTS) {
    const value = search[name];
    if (typeof value === "string" && value !== "") filter[name] = value;
  }
  const minScore = Number(search.minScore ?? Number.NaN);
  if (search.minScore !== "" && Number.isFinite(minScore)) filter.minScore = minScore;
  const sort = SORTS.find((one) => one === search.sort);
  if (sort && sort !== "-score") filter.sort = sort;
  return filter;
}

/** The filter as the text of a query, in one order whatever the order of the fields: equal filters are equal texts. */
export function queryOf(filter: Filter): string {
  const query = new URLSearchParams();
  for (const name of [...TEXTS, "minScore", "sort"] as const) {
    const value = filter[name];
    if (value !== undefined) query.set(name, String(value));
  }
  return query.toString();
}

/** The filter in the text of a query. */
export function filterIn(query: string): Filter {
  return filterOf(Object.fromEntries(new URLSearchParams(query)));
}

export function sortValue(lead: Lead, sort: Sort): number {
  const field = sort.replace("-", "");
  if (field === "velocity") return lead.velocity;
  if (field === "lastActivityAt") return lead.lastActivityAt ? Date.parse(lead.lastActivityAt) : 0;
  return lead.score;
}

/** Whether the lead belongs on the list; `me` is the id of the person who looks. */
export function matches(lead: Lead, filter: Filter, me: string): boolean {
  const owner = filter.owner === "me" ? me : filter.owner;
  return (
    (filter.stage === undefined || lead.stage === filter.stage) &&
    (filter.risk === undefined || lead.risk === filter.risk) &&
    (filter.outcome === undefined || lead.outcome === filter.outcome) &&
    (filter.tag === undefined || lead.tags.includes(filter.tag)) &&
    (filter.account === undefined || lead.accountId === filter.account) &&
    (filter.minScore === undefined || lead.score >= filter.minScore) &&
    (owner === undefined || (owner === "none" ? lead.ownerId === null : lead.ownerId === owner))
  );
}
