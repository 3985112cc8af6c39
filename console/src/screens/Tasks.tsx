/** Tasks, the earliest due first; those that are done stay where they are until the list is opened again. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, read } from "../api/client";
import { currentTime } from "../clock";
import { dayKey } from "../format/time";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";
import { Heading } from "../parts/Heading";
import { Empty, Failure, Loading } from "../parts/states";
import { useMay, useSession } from "../session";
import { SnoozeDialog } from "../snooze/SnoozeDialog";
import { type Complete, type Task, TaskItem, useComplete } from "../tasks/TaskItem";
import { useSnoozeTask } from "../tasks/useSnoozeTask";

const route = getRouteApi("/shell/tasks");

export function Tasks() {
  const { state = "open" } = route.useSearch();
  const list = useInfiniteQuery({
    queryKey: ["tasks", "list", state],
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/tasks", { params: { query: { state, limit: 100, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
  const tasks = list.data?.pages.flatMap((page) => page.items) ?? [];
  const [marked, setMarked] = useState<string | null>(null);
  const complete = useComplete();
  const may = useMay();
  const step = (by: number) => {
    const at = tasks.findIndex((one) => one.taskId === marked);
    const next = tasks[at < 0 ? 0 : Math.min(Math.max(at + by, 0), tasks.length - 1)];
    if (!next) return;
    setMarked(next.taskId);
    document.getElementById(`task-${next.taskId}`)?.focus();
  };
  const finish = () => {
    const task = tasks.find((one) => one.taskId === marked);
    if (task && task.state === "open" && may("work")) document.getElementById(`task-${task.taskId}`)?.click();
  };
  const navigate = useNavigate();
  const snooze = useSnoozeTask();
  const [snoozing, setSnoozing] = useState<Task | null>(null);
  const chosen = tasks.find((one) => one.taskId === marked);
  useActions({
    next: () => step(1),
    back: () => step(-1),
    done: finish,
    snooze: () => chosen?.state === "open" && may("work") && setSnoozing(chosen),
    open: () => chosen && void navigate({ to: "/leads/$leadId", params: { leadId: chosen.leadId } }),
  });
  return (
    <main id="main">
      <div className="top">
        <Heading title="Tasks" />
        <nav className="end pick" aria-label="Which tasks">
          <Link
            to="/tasks"
            search={{ state: undefined }}
            activeOptions={{ explicitUndefined: true }}
            aria-current={state === "open" ? "page" : undefined}
          >
            Open
          </Link>
          <Link to="/tasks" search={{ state: "done" }} aria-current={state === "done" ? "page" : undefined}>
            Done
          </Link>
        </nav>
      </div>
      {list.error && !list.data && (
        <Failure what="The list" error={list.error} retry={() => void list.refetch()} />
      )}
      {list.isPending && !list.error && <Loading what="tasks" />}
      <TaskDays
        tasks={tasks}
        listed={state}
        complete={complete}
        marked={marked}
        mark={setMarked}
        snooze={may("work") ? setSnoozing : null}
      />
      {snoozing && (
        <SnoozeDialog
          what={snoozing.title}
          help="It is due then instead. Its lead stays in the queue."
          choose={(until) => snooze(snoozing, until)}
          onClose={() => setSnoozing(null)}
        />
      )}
      {list.data && tasks.length === 0 && (
        <Empty title={state === "open" ? "No task waits." : "No task has been done yet."}>
          <p>Tasks come from rules, when a lead asks for something that a person has to do.</p>
        </Empty>
      )}
      {list.hasNextPage && (
        <p className="bottom">
          <button className="btn" type="button" onClick={() => void list.fetchNextPage()}>
            Show more
          </button>
        </p>
      )}
    </main>
  );
}

/** The tasks by when they are due. One that is done while the open ones are shown keeps its place among them. */
function TaskDays({
  tasks,
  listed,
  complete,
  marked,
  mark,
  snooze,
}: {
  tasks: Task[];
  listed: "open" | "done";
  complete: Complete;
  marked: string | null;
  mark: (taskId: string) => void;
  snooze: ((task: Task) => void) | null;
}) {
  const { zone } = useSession().person;
  const today = dayKey(currentTime(), zone);
  const dueBy = (task: Task) => dayKey(new Date(task.dueAt), zone);
  const open = listed === "open" ? tasks : [];
  const parts = [
    { title: "Overdue", tasks: open.filter((one) => dueBy(one) < today) },
    { title: "Today", tasks: open.filter((one) => dueBy(one) === today) },
    { title: "Later", tasks: open.filter((one) => dueBy(one) > today) },
    { title: "Done", tasks: listed === "done" ? tasks : [] },
  ];
  return (
    <div className="wrap">
      {parts
        .filter((part) => part.tasks.length > 0)
        .map((part) => (
          <section key={part.title} className="part" aria-labelledby={`tasks-${part.title}`}>
            <h2 className="head" id={`tasks-${part.title}`}>
              {part.title} <span className="faint count">{part.tasks.length}</span>
            </h2>
            <ul className="tasks lined">
              {part.tasks.map((task) => (
                <TaskItem
                  key={task.taskId}
                  task={task}
                  complete={complete}
                  marked={task.taskId === marked}
                  mark={() => mark(task.taskId)}
                  end={
                    snooze &&
                    task.state === "open" && (
                      <button className="btn small" type="button" onClick={() => snooze(task)}>
                        Snooze<span className="sr"> {task.title}</span>
                        {task.taskId === marked && <Key of="snooze" />}
                      </button>
                    )
                  }
                  lead={
                    <Link className="link" to="/leads/$leadId" params={{ leadId: task.leadId }}>
                      {task.leadId}
                    </Link>
                  }
                />
              ))}
            </ul>
          </section>
        ))}
    </div>
  );
}
