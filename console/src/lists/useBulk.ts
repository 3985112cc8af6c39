/** One change of many leads: what became of each, and its undoing for those that were changed. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";

export type Result = Schemas["LeadChangeView"];
export type Change =
  | { assign: { ownerId: string | null; why: string } }
  | { addTag: string }
  | { removeTag: string };

export interface Outcome {
  change: Change;
  results: Result[];
}

const MOST = 200;

async function send(leads: readonly string[], change: Change): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < leads.length; from += MOST) {
    const body = { leads: leads.slice(from, from + MOST), ...change };
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const found = await read(api.POST("/api/lead-changes", { body, headers }));
    results.push(...found.results);
  }
  return results;
}

/** The calls that take a change back: owners are given back to each as it was, tags the other way round. */
export function oppositeOf({ change, results }: Outcome): [string[], Change][] {
  const changed = results.filter((one) => one.status === "accepted");
  if ("addTag" in change) return [[changed.map((one) => one.leadId), { removeTag: change.addTag }]];
  if ("removeTag" in change) return [[changed.map((one) => one.leadId), { addTag: change.removeTag }]];
  const byOwner = new Map<string | null, string[]>();
  for (const one of changed) {
    byOwner.set(one.ownerBefore, [...(byOwner.get(one.ownerBefore) ?? []), one.leadId]);
  }
  return [...byOwner].map(([ownerId, leads]) => [leads, { assign: { ownerId, why: "undone" } }]);
}

/** Change many leads; `ended` gets what became of each when some of them were not changed. */
export function useBulk(
  ended: (outcome: Outcome) => void,
): (leads: readonly string[], change: Change) => void {
  const client = useQueryClient();
  const back = async (outcome: Outcome) => {
    for (const [leads, change] of oppositeOf(outcome)) await send(leads, change);
    await client.invalidateQueries({ queryKey: ["leads"] });
    done("Taken back.");
  };
  const bulk = useMutation({
    mutationFn: async ({ leads, change }: { leads: readonly string[]; change: Change }) => ({
      change,
      results: await send(leads, change),
    }),
    onSuccess: async (outcome) => {
      const changed = outcome.results.filter((one) => one.status === "accepted").length;
      const undo = changed > 0 ? () => void back(outcome).catch(sayFailure("Not undone")) : null;
      done(`${changed} of ${outcome.results.length} leads changed.`, undo);
      if (changed < outcome.results.length) ended(outcome);
      await client.invalidateQueries({ queryKey: ["leads"] });
    },
    onError: sayFailure("Not all leads were changed"),
  });
  return (leads, change) => bulk.mutate({ leads, change });
}
