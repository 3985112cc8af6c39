/** Snoozes of leads: of the person who looks, and of nobody else. */
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { api, read } from "../api/client";

export const snoozesQuery = queryOptions({
  queryKey: ["snoozes"],
  queryFn: () => read(api.GET("/api/me/snoozes")),
});

interface Snooze {
  set: (leadId: string, until: Date) => Promise<void>;
  end: (leadId: string) => Promise<void>;
}

/** The calls, after which the queue and the list of snoozes are read again. Both reject with `Problem`. */
export function useSnooze(): Snooze {
  const client = useQueryClient();
  const again = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["queue"] }),
      client.invalidateQueries({ queryKey: snoozesQuery.queryKey }),
    ]);
  return {
    set: async (leadId, until) => {
      const params = { path: { lead_id: leadId } };
      await read(api.POST("/api/leads/{lead_id}/snooze", { params, body: { until: until.toISOString() } }));
      await again();
    },
    end: async (leadId) => {
      await read(api.DELETE("/api/leads/{lead_id}/snooze", { params: { path: { lead_id: leadId } } }));
      await again();
    },
  };
}
