/** Making two leads one, and undoing it; each says so, and the merge can be undone at once. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, read } from "../api/client";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";

export const DUPLICATES = ["duplicates"];

export interface Merged {
  leadId: string;
  absorbedId: string;
}

interface Pair {
  /** The lead that becomes part of the other one. */
  leadId: string;
  into: string;
  why: string;
}

/** Everything that shows leads is read again. */
function useReadAgain(): () => Promise<unknown> {
  const client = useQueryClient();
  return () =>
    Promise.all(
      ["lead", "leads", "queue", "tasks", ...DUPLICATES].map((key) =>
        client.invalidateQueries({ queryKey: [key] }),
      ),
    );
}

export function useUnmerge() {
  const readAgain = useReadAgain();
  return useMutation({
    mutationFn: ({ leadId, why }: { leadId: string; why: string }) =>
      read(
        api.POST("/api/leads/{lead_id}/unmerge", {
          params: { path: { lead_id: leadId } },
          body: { why },
        }),
      ),
    onSuccess: ({ leadId, separatedFrom }) =>
      done(`${leadId} and ${separatedFrom} are two leads again, as if they had never been one.`),
    onError: sayFailure("Not undone"),
    onSettled: readAgain,
  });
}

export function useMerge(onMerged: (merged: Merged) => void = () => undefined) {
  const readAgain = useReadAgain();
  const unmerge = useUnmerge();
  return useMutation({
    mutationFn: ({ leadId, into, why }: Pair) =>
      read(
        api.POST("/api/leads/{lead_id}/merge", {
          params: { path: { lead_id: leadId } },
          body: { into, why },
        }),
      ),
    onSuccess: (merged) => {
      const { leadId, absorbedId, position } = merged;
      if (position === 0) done(`${leadId} and ${absorbedId} are one lead already.`);
      else
        done(`${absorbedId} is part of ${leadId} now.`, () =>
          unmerge.mutate({ leadId: absorbedId, why: "undone at once" }),
        );
      onMerged(merged);
    },
    onError: sayFailure("Not merged"),
    onSettled: readAgain,
  });
}
