/** Finishing with a lead: it leaves the screen at once, comes back if it is refused, and every step can be undone. */

import { useQueryClient } from "@tanstack/react-query";
import { api, read } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { beginChange, done } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { useSession } from "../session";
import { tomorrow } from "../snooze/times";
import { useSnooze } from "../snooze/useSnooze";
import type { Queued } from "./queueQuery";

interface Screen {
  putOff: (leadId: string) => void;
  putBack: (leadId: string) => void;
}

interface Finish {
  /** Put the lead off until then. */
  snooze: (lead: Queued, until: Date) => void;
  /** Done for today: the task that brought the lead here is done, and the lead comes back tomorrow or when it writes. */
  finish: (lead: Queued) => void;
}

export function useFinish({ putOff, putBack }: Screen): Finish {
  const client = useQueryClient();
  const snoozes = useSnooze();
  const { zone } = useSession().person;
  const taskCall = (taskId: string) => ({ params: { path: { task_id: taskId } } });

  const run = async (lead: Queued, until: Date, taskId: string | null, said: string) => {
    const turn = beginChange();
    putOff(lead.leadId);
    try {
      await snoozes.set(lead.leadId, until);
      if (taskId) await read(api.POST("/api/tasks/{task_id}/done", taskCall(taskId)));
    } catch (error) {
      putBack(lead.leadId);
      sayFailure("Nothing was changed")(error);
      await snoozes.end(lead.leadId).catch(() => undefined);
      return;
    }
    void client.invalidateQueries({ queryKey: ["tasks"] });
    done(
      `${said} until ${moment(until, zone, currentTime())}, or until it writes.`,
      () => void undo(lead, taskId),
      turn,
    );
  };
  const undo = async (lead: Queued, taskId: string | null) => {
    putBack(lead.leadId);
    try {
      if (taskId) await read(api.POST("/api/tasks/{task_id}/reopen", taskCall(taskId)));
      await snoozes.end(lead.leadId);
      void client.invalidateQueries({ queryKey: ["tasks"] });
      done(`${lead.leadId} is back.`);
    } catch (error) {
      sayFailure("Not undone")(error);
    }
  };
  return {
    snooze: (lead, until) => void run(lead, until, null, `${lead.leadId} is snoozed`),
    finish: (lead) => {
      const { taskId } = lead.because;
      void run(
        lead,
        tomorrow(currentTime(), zone),
        taskId,
        `${lead.leadId} is done${taskId ? ", with its task," : ""}`,
      );
    },
  };
}
