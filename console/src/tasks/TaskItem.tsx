import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { useMay, useSession } from "../session";

export type Task = Schemas["OwnedTaskView"];
type Page = Schemas["TasksPage"];

/** Mark a task as done: ticked at once, unticked with the reason if it is refused. */
export type Complete = (task: Task, undo: () => void) => void;

export function useComplete(): Complete {
  const client = useQueryClient();
  const show = (taskId: string, state: string) => {
    const page = (one: Page): Page => ({
      ...one,
      items: one.items.map((task) => (task.taskId === taskId ? { ...task, state } : task)),
    });
    client.setQueriesData<Page | InfiniteData<Page>>({ queryKey: ["tasks"] }, (data) => {
      if (!data) return data;
      return "pages" in data ? { ...data, pages: data.pages.map(page) } : page(data);
    });
  };
  const complete = useMutation({
    mutationFn: ({ task }: { task: Task; undo: () => void }) =>
      read(api.POST("/api/tasks/{task_id}/done", { params: { path: { task_id: task.taskId } } })),
    onMutate: ({ task }) => show(task.taskId, "done"),
    onSuccess: (_, { task, undo }) =>
      done(`Done: ${task.title}`, () => {
        undo();
        show(task.taskId, "open");
        reopen.mutate(task);
      }),
    onError: (error, { task, undo }) => {
      undo();
      show(task.taskId, task.state);
      sayFailure("Not done")(error);
    },
  });
  const reopen = useMutation({
    mutationFn: (task: Task) =>
      read(api.POST("/api/tasks/{task_id}/reopen", { params: { path: { task_id: task.taskId } } })),
    onSuccess: (_, task) => done(`Open again: ${task.title}`),
    onError: (error, task) => {
      show(task.taskId, "done");
      sayFailure("Not opened again")(error);
    },
  });
  return (task, undo) => complete.mutate({ task, undo });
}

export function TaskItem({
  task,
  complete,
  marked = false,
  mark,
  end,
  lead,
}: {
  task: Task;
  complete: Complete;
  marked?: boolean;
  mark?: () => void;
  /** What stands at the end of the line. */
  end?: ReactNode;
  /** A link to the lead; it stands where the title names the lead, or after the title. */
  lead?: ReactNode;
}) {
  const { zone } = useSession().person;
  const may = useMay();
  const now = currentTime();
  const due = new Date(task.dueAt);
  // The box is ticked in the very event that ticks it; the cache follows a moment later.
  const [ticked, setTicked] = useState(false);
  const isDone = task.state === "done" || ticked;
  const late = !isDone && due < now;
  return (
    <li
      className={isDone ? "task is-done" : "task"}
      aria-current={marked ? "true" : undefined}
      onFocus={mark}
    >
      <input
        type="checkbox"
        id={`task-${task.taskId}`}
        aria-label={task.title}
        checked={isDone}
        disabled={isDone || !may("work")}
        onChange={() => {
          setTicked(true);
          complete(task, () => setTicked(false));
        }}
      />
      <span>
        <Title task={task} lead={lead} />
        <span className={late ? "soon block" : "faint block"}>
          {late ? "was due" : "due"} {moment(due, zone, now)}
          {task.priority !== "normal" && `, ${task.priority} priority`}
        </span>
      </span>
      {end && <span className="end">{end}</span>}
    </li>
  );
}

function Title({ task, lead }: { task: Task; lead: ReactNode }) {
  const box = `task-${task.taskId}`;
  const at = lead ? task.title.indexOf(task.leadId) : -1;
  if (at < 0) {
    return (
      <>
        <label htmlFor={box}>{task.title}</label> {lead}
      </>
    );
  }
  return (
    <>
      <label htmlFor={box}>{task.title.slice(0, at)}</label>
      {lead}
      <label htmlFor={box}>{task.title.slice(at + task.leadId.length)}</label>
    </>
  );
}
