/** Claims: a person works on a lead for ten minutes, and others see it at once. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, Problem, read } from "../api/client";
import { done, failed } from "../parts/notices";

const call = (leadId: string) => ({ params: { path: { lead_id: leadId } } });

interface Claiming {
  claim: (after?: { taken?: () => void; refused?: () => void }) => void;
  release: () => void;
}

/** Take the lead and let it go. Somebody else who has it is named by the refusal, and by the queue. */
export function useClaim(
  leadId: string,
  changed: (until: string | null) => void = () => undefined,
): Claiming {
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: ["queue"] });
  const explain = (error: unknown) => {
    failed(error instanceof Problem ? error.sentence : "Nothing was changed.");
    void again();
  };
  const release = useMutation({
    mutationFn: () => read(api.DELETE("/api/leads/{lead_id}/claim", call(leadId))),
    onSuccess: () => {
      changed(null);
      void again();
    },
    onError: (error) => !(error instanceof Problem && error.status === 404) && explain(error),
  });
  const claim = useMutation({
    mutationFn: () => read(api.POST("/api/leads/{lead_id}/claim", call(leadId))),
    onSuccess: (taken) => {
      changed(taken.until);
      void again();
    },
    onError: explain,
  });
  return {
    release: () => release.mutate(),
    claim: (after = {}) =>
      claim.mutate(undefined, {
        onSuccess: () =>
          after.taken
            ? after.taken()
            : done(`You are on ${leadId}, and others see it.`, () => release.mutate()),
        onError: (error) => {
          // Whoever cannot be asked does not stop a call: only a refusal does.
          if (error instanceof Problem && error.status === 409) after.refused?.();
          else after.taken?.();
        },
      }),
  };
}
