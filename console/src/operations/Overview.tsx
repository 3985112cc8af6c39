/** The whole engine at one moment: sentences, lag, and due work by kind; and its background loops. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, read, type Schemas } from "../api/client";
import { since } from "../format/time";
import { words } from "../format/words";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import "./overview.css";
import { type Figures, span, verdictOf } from "./verdict";

type Ops = Schemas["OpsView"];
const EVERY_MS = 5_000;

function useOps() {
  return useQuery({
    queryKey: ["ops", "figures"],
    queryFn: () => read(api.GET("/api/ops")),
    refetchInterval: EVERY_MS,
  });
}

export function Overview() {
  const ops = useOps();
  return (
    <Loaded query={ops} what="The state of the engine">
      {(found) => (
        <>
          <Sentences figures={found} />
          <Lags ops={found} />
          <DueWork ops={found} />
        </>
      )}
    </Loaded>
  );
}

function Sentences({ figures }: { figures: Figures }) {
  const { alarms, sentence } = verdictOf(figures);
  return (
    <div className="part verdict" role="status">
      <p className="opening">{sentence}</p>
      {alarms.length > 0 && (
        <ul className="alarms">
          {alarms.map((one) => (
            <li key={one} className="banner alarmed">
              {one}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const whole = (value: number) => value.toLocaleString("en-GB");
const lag = ({ events, seconds }: Schemas["LagView"]) =>
  events === 0 ? "up to date" : `${whole(events)} behind, ${span(seconds)}`;

function Lags({ ops }: { ops: Ops }) {
  const { process } = ops;
  const facts: [string, string][] = [
    ["Queue behind the log", lag(ops.dispatch)],
    ["Scores behind the log", lag(ops.apply)],
    ["Names to find leads by", lag(ops.nameIndex)],
    ...ops.received.map(({ minutes, events }): [string, string] => [
      `Received in ${minutes === 1 ? "the last minute" : `${minutes} minutes`}`,
      whole(events),
    ]),
    ["Waiting to be stored here", whole(process.appendQueueEvents)],
    ["Open streams here", whole(process.openStreams)],
    ["Rules", ops.rulebook],
  ];
  return (
    <Part title="How far it is">
      <dl className="figures">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Part>
  );
}

const STATES = ["waiting", "retrying", "held", "dead"] as const;

function DueWork({ ops }: { ops: Ops }) {
  const now = new Date(ops.at);
  return (
    <Part title="Due work">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Kind</th>
            <th scope="col" className="num">
              Due now
            </th>
            {STATES.map((state) => (
              <th
                key={state}
                scope="col"
                className={state === "dead" || state === "held" ? "num" : "num opt"}
              >
                {state === "dead" ? "Given up" : words(state)}
              </th>
            ))}
            <th scope="col" className="num opt">
              First due
            </th>
          </tr>
        </thead>
        <tbody>
          {ops.work.map((one) => (
            <tr key={one.kind}>
              <th scope="row">
                <Link className="link" to="/ops/work" search={{ kind: one.kind }}>
                  {words(one.kind)}
                </Link>
              </th>
              <td className="num">{whole(one.due)}</td>
              {STATES.map((state) => (
                <td key={state} className={state === "dead" || state === "held" ? "num" : "num opt"}>
                  <Units kind={one.kind} state={state} count={one.states[state] ?? 0} />
                </td>
              ))}
              <td className="num opt quiet">
                {one.oldestDueAt && new Date(one.oldestDueAt) <= now
                  ? since(new Date(one.oldestDueAt), now)
                  : ""}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}

function Units({ kind, state, count }: { kind: string; state: (typeof STATES)[number]; count: number }) {
  if (count === 0) return <span className="faint">0</span>;
  return (
    <Link
      className={state === "dead" ? "link alarm strong" : "link"}
      to="/ops/work"
      search={{ kind, state }}
      aria-label={`${count} of ${words(kind)} ${state === "dead" ? "given up" : state}`}
    >
      {whole(count)}
    </Link>
  );
}

/** Background loops; nothing before they are known, which the overview says. */
export function Loops() {
  const ops = useOps().data;
  if (!ops) return null;
  return (
    <Part title="Background work">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">State</th>
            <th scope="col" className="num">
              Last run
            </th>
          </tr>
        </thead>
        <tbody>
          {ops.loops.map((loop) => (
            <tr key={loop.name}>
              <th scope="row">{words(loop.name)}</th>
              <td className={loop.status === "ok" ? undefined : "alarm strong"}>
                {loop.status === "ok" ? "Runs" : "Late"}
              </td>
              <td className="num quiet">
                {loop.secondsAgo === null ? "never" : `${span(loop.secondsAgo)} ago`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}
