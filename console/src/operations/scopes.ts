/** What an API key may do, in the words of people. */
import type { paths } from "../api/schema";

type Create = paths["/api/keys"]["post"]["requestBody"]["content"]["application/json"];
export type Scope = Create["scopes"][number];

export const SCOPES: { name: Scope; does: string }[] = [
  { name: "ingest", does: "Sends events" },
  { name: "read", does: "Reads leads, scores and tasks" },
  { name: "work", does: "Works on leads: tasks, calls, notes, owners" },
  { name: "manage", does: "Changes how the engine works: rules, keys, webhooks, people" },
  { name: "own", does: "Erases people and decides over owners" },
];
