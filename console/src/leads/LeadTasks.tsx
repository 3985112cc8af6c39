import { useQuery } from "@tanstack/react-query";
import { TaskItem, useComplete } from "../tasks/TaskItem";
import { tasksOfLeadQuery } from "./queries";

/** Open tasks of the lead. */
export function LeadTasks({ leadId }: { leadId: string }) {
  const tasks = useQuery(tasksOfLeadQuery(leadId));
  const complete = useComplete();
  const items = tasks.data?.items ?? [];
  return (
    <section aria-labelledby="tasks-title">
      <h2 className="head" id="tasks-title">
        Tasks
      </h2>
      {tasks.error && <p className="small alarm">The tasks did not load.</p>}
      {tasks.data && items.length === 0 && <p className="small faint">No open task.</p>}
      <ul className="tasks">
        {items.map((task) => (
          <TaskItem key={task.taskId} task={task} complete={complete} />
        ))}
      </ul>
    </section>
  );
}
