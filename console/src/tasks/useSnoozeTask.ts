import { useQueryClient } from "@tanstack/react-query";
import { api, read } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { useSession } from "../session";
import type { Task } from "./TaskItem";

/** Make a task due later, and undo it. */
export function useSnoozeTask(): (task: Task, until: Date) => void {
  const client = useQueryClient();
  const { zone } = useSession().person;
  const params = (task: Task) => ({ path: { task_id: task.taskId } });
  const again = () => client.invalidateQueries({ queryKey: ["tasks"] });
  const back = (task: Task) => {
    read(api.DELETE("/api/tasks/{task_id}/snooze", { params: params(task) }))
      .then(() => {
        done(`Due as before: ${task.title}`);
        return again();
      })
      .catch(sayFailure("Not undone"));
  };
  return (task, until) => {
    const body = { until: until.toISOString() };
    read(api.POST("/api/tasks/{task_id}/snooze", { params: params(task), body }))
      .then(() => {
        done(`Due ${moment(until, zone, currentTime())}: ${task.title}`, () => back(task));
        return again();
      })
      .catch(sayFailure("Not snoozed"));
  };
}
