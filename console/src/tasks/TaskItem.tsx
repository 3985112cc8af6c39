import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, Problem, read, type Schemas } from "../api/client";
import { moment } from "../format/time";
import { done, failed } from "../parts/notices";
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
    onSuccess: (_, { task }) => done(`Done: ${task.title}`),
    onError: (error, { task, undo }) => {
      undo();
      show(task.taskId, task.state);
      failed(`Not done: ${error instanceof Problem ? error.sentence : "the page made a mistake."}`);
    },
  });
  return (task, undo) => complete.mutate({ task, undo });
}

export function TaskItem({
  task,
  complete,
  children,
}: {
  task: Task;
  complete: Complete;
  children?: ReactNode;
}) {
  const { zone } = useSession().person;
  const may = useMay();
  const now = new Date();
  const due = new Date(task.dueAt);
  // The box is ticked in the very event that ticks it; the cache follows a moment later.
  const [ticked, setTicked] = useState(false);
  const isDone = task.state === "done" || ticked;
  const late = !isDone && due < now;
  return (
    <li className={isDone ? "task is-done" : "task"}>
      <input
        type="checkbox"
        id={`task-${task.taskId}`}
        checked={isDone}
        disabled={isDone || !may("work")}
        onChange={() => {
          setTicked(true);
          complete(task, () => setTicked(false));
        }}
      />
      <span>
        <label htmlFor={`task-${task.taskId}`}>{task.title}</label>
        {children}
        <span className={late ? "soon block" : "faint block"}>
          {late ? "was due" : "due"} {moment(due, zone, now)}
          {task.priority !== "normal" && `, ${task.priority} priority`}
        </span>
      </span>
    </li>
  );
}
