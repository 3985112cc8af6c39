import { useQueryClient } from "@tanstack/react-query";
import { api, read } from "../api/client";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";

/** Undo what was recorded about a lead: its event is retracted, so it counts no more and is shown no more. */
export function useRetract(): (leadId: string, eventId: string, said: string) => void {
  const client = useQueryClient();
  return (leadId, eventId, said) => {
    const params = { path: { lead_id: leadId } };
    read(api.POST("/api/leads/{lead_id}/retractions", { params, body: { eventId, why: "undone" } }))
      .then(() => {
        done(said);
        return client.invalidateQueries({ queryKey: ["lead", leadId] });
      })
      .catch(sayFailure("Not undone"));
  };
}
