/** What the active rules do by themselves, every run of it with its attempts, and what was given up. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { api, read, type Schemas } from "../api/client";
import { moment } from "../format/time";
import { words } from "../format/words";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { useChange } from "../parts/useChange";
import { explanationQuery, rulebooksQuery } from "../rules/queries";
import { useMay, useSession } from "../session";

const route = getRouteApi("/shell/automations");
const RUNS = ["automations"];
const STATES = [
  { state: undefined, name: "All" },
  { state: "dead", name: "Given up" },
  { state: "pending", name: "Waiting" },
  { state: "running", name: "Running" },
  { state: "held", name: "Held" },
  { state: "done", name: "Done" },
] as const;

type RunState = Exclude<(typeof STATES)[number]["state"], undefined>;
interface AutomationSearch {
  state?: RunState;
  rule?: string;
}

const nameOf = (state: string) => STATES.find((one) => one.state === state)?.name ?? words(state);

export function Automations() {
  const active = useQuery(rulebooksQuery).data?.items.find((one) => one.active);
  return (
    <main id="main">
      <div className="top">
        <Heading title="Automations" />
      </div>
      <div className="wrap">
        {active && <OfRulebook rulebook={active} />}
        <Runs />
      </div>
    </main>
  );
}

function OfRulebook({ rulebook }: { rulebook: Schemas["RulebookEntryView"] }) {
  const explanation = useQuery(explanationQuery(rulebook));
  const { rule, state } = route.useSearch();
  const params = { name: rulebook.name, version: String(rulebook.version) };
  return (
    <Part
      title="What happens by itself"
      aside={
        <Link className="link small quiet" to="/rules/$name/$version" params={params}>
          {rulebook.label}
        </Link>
      }
    >
      <Loaded query={explanation} what="The rules" rows={3}>
        {({ chapters }) => {
          const found = chapters.find((one) => one.title === "Automations")?.blocks ?? [];
          const entries = found.filter((one) => one.kind === "entry");
          if (entries.length === 0) return <p className="quiet">The active rules have no automation.</p>;
          return (
            <ul className="entries">
              {entries.map(({ text, lines }) => (
                <li key={text}>
                  <Link
                    className="link strong"
                    to="/automations"
                    search={{ state, rule: rule === text ? undefined : text }}
                    aria-current={rule === text ? "true" : undefined}
                  >
                    {words(text)}
                  </Link>
                  {lines.map((line) => (
                    <p key={line} className="quiet">
                      {line}
                    </p>
                  ))}
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Part>
  );
}

function Runs() {
  const { state, rule } = route.useSearch();
  const navigate = useNavigate();
  const show = (next: AutomationSearch) =>
    void navigate({ to: "/automations", search: { state, rule, ...next } });
  const runs = useInfiniteQuery({
    queryKey: [...RUNS, state, rule],
    queryFn: ({ pageParam }) => {
      const query = { state, ruleId: rule, cursor: pageParam };
      return read(api.GET("/api/automations/executions", { params: { query } }));
    },
    ...byCursor,
    refetchInterval: 10_000,
  });
  return (
    <Part title={rule ? `Runs of ${words(rule)}` : "Runs"}>
      <div className="acts">
        <fieldset className="pick states">
          <legend className="sr">State</legend>
          {STATES.map((one) => (
            <button
              key={one.name}
              type="button"
              aria-pressed={one.state === state}
              onClick={() => show({ state: one.state })}
            >
              {one.name}
            </button>
          ))}
        </fieldset>
        {rule && (
          <button className="btn small" type="button" onClick={() => show({ rule: undefined })}>
            Runs of all
          </button>
        )}
      </div>
      <Pages
        query={runs}
        what="The list"
        empty={
          state || rule
            ? "No run of this kind."
            : "No run yet. One begins when an event makes a lead cross what an automation waits for."
        }
      >
        {(items) => (
          <ul className="entries">
            {items.map((one) => (
              <Run key={one.executionId} of={one} />
            ))}
          </ul>
        )}
      </Pages>
    </Part>
  );
}

function Run({ of: run }: { of: Schemas["ExecutionView"] }) {
  const { zone } = useSession().person;
  const may = useMay();
  const retry = useChange(RUNS);
  const now = new Date();
  const last = run.attempts.at(-1);
  const params = { path: { kind: "automation", unit_id: run.executionId } };
  const again = () =>
    retry.mutate({
      call: () => read(api.POST("/api/work/{kind}/{unit_id}/retry", { params })),
      said: "It is attempted again.",
    });
  return (
    <li>
      <div className="entry-head">
        <span>
          <span className="strong">{words(run.ruleId)}</span>
          <Link className="lead-of" to="/leads/$leadId" params={{ leadId: run.leadId }}>
            {run.leadId}
          </Link>
        </span>
        <span className={run.state === "dead" ? "alarm strong" : "quiet"}>{nameOf(run.state)}</span>
        <time className="quiet" dateTime={run.createdAt}>
          {moment(new Date(run.createdAt), zone, now)}
        </time>
      </div>
      <details className="small">
        <summary className="quiet">
          {run.attempts.length} {run.attempts.length === 1 ? "attempt" : "attempts"}
          {last?.detail && `, the last: ${last.detail}`}
          <span className="sr"> of {run.executionId}</span>
        </summary>
        <ol>
          {run.attempts.map((one) => (
            <li key={one.number}>
              {moment(new Date(one.at), zone, now)}: {one.outcome}
              {one.detail && `, ${one.detail}`}
            </li>
          ))}
        </ol>
        <p className="faint">{run.executionId}</p>
        <pre>{JSON.stringify(run.action, null, 2)}</pre>
      </details>
      {run.state === "dead" && may("manage") && (
        <p>
          <button className="btn small" type="button" disabled={retry.isPending} onClick={again}>
            Try again<span className="sr"> {run.executionId}</span>
          </button>
        </p>
      )}
    </li>
  );
}
