/** Deliveries to a webhook endpoint, with every attempt; what was given up is sent again, one or all that are shown. */
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, Problem, read, type Schemas } from "../api/client";
import { moment } from "../format/time";
import { words } from "../format/words";
import { done, failed } from "../parts/notices";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { useChange } from "../parts/useChange";
import { useSession } from "../session";

type Delivery = Schemas["DeliveryView"];
export type DeliveryState = "pending" | "failed" | "held" | "delivered" | "dead";

const STATES: { state: DeliveryState | undefined; name: string }[] = [
  { state: undefined, name: "All" },
  { state: "dead", name: "Given up" },
  { state: "failed", name: "Retrying" },
  { state: "pending", name: "Waiting" },
  { state: "held", name: "Held" },
  { state: "delivered", name: "Delivered" },
];
const nameOf = (state: string) => STATES.find((one) => one.state === state)?.name ?? words(state);
const EVERY_MS = 5_000;

interface Props {
  endpointId: string;
  state: DeliveryState | undefined;
  show: (state: DeliveryState | undefined) => void;
}

export function Deliveries({ endpointId, state, show }: Props) {
  const deliveries = useInfiniteQuery({
    queryKey: ["ops", "deliveries", endpointId, state],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/webhook-endpoints/{endpoint_id}/deliveries", {
          params: { path: { endpoint_id: endpointId }, query: { state, cursor: pageParam } },
        }),
      ),
    ...byCursor,
    refetchInterval: EVERY_MS,
  });
  return (
    <Part title="Deliveries">
      <fieldset className="pick states">
        <legend className="sr">State</legend>
        {STATES.map((one) => (
          <button
            key={one.name}
            type="button"
            aria-pressed={one.state === state}
            onClick={() => show(one.state)}
          >
            {one.name}
          </button>
        ))}
      </fieldset>
      <Pages
        query={deliveries}
        what="The list"
        empty={
          state
            ? "None in this state."
            : "Nothing was sent to it yet. A test message shows whether it answers."
        }
      >
        {(items) => (
          <>
            {state === "dead" && <SendAll items={items} />}
            <ul className="entries">
              {items.map((one) => (
                <Entry key={one.id} of={one} />
              ))}
            </ul>
          </>
        )}
      </Pages>
    </Part>
  );
}

const replay = (id: string) =>
  read(api.POST("/api/webhook-deliveries/{delivery_id}/replay", { params: { path: { delivery_id: id } } }));

function SendAll({ items }: { items: Delivery[] }) {
  const client = useQueryClient();
  const all = useMutation({
    mutationFn: async () => {
      for (const one of items) await replay(one.id);
    },
    onSuccess: () => done(`${items.length} are sent again.`),
    onError: (error) =>
      failed(
        `Not all were sent again: ${error instanceof Problem ? error.sentence : "the page made a mistake."}`,
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["ops", "deliveries"] }),
  });
  return (
    <p className="acts">
      <button className="btn" type="button" disabled={all.isPending} onClick={() => all.mutate()}>
        Send {items.length === 1 ? "it" : `these ${items.length}`} again
      </button>
      <span className="small quiet">
        Each keeps its webhook-id, by which a receiver knows that it has it already.
      </span>
    </p>
  );
}

function Entry({ of: delivery }: { of: Delivery }) {
  const { zone } = useSession().person;
  const again = useChange(["ops", "deliveries"]);
  const now = new Date();
  const last = delivery.attempts.at(-1);
  const ended = delivery.state === "dead" || delivery.state === "delivered";
  return (
    <li>
      <div className="entry-head">
        <span>
          <span className="strong">{delivery.eventType}</span>
          {delivery.leadId && (
            <Link className="lead-of" to="/leads/$leadId" params={{ leadId: delivery.leadId }}>
              {delivery.leadId}
            </Link>
          )}
        </span>
        <span className={delivery.state === "dead" ? "alarm strong" : "quiet"}>
          {nameOf(delivery.state)}
          {delivery.dueAt && `, next ${moment(new Date(delivery.dueAt), zone, now)}`}
        </span>
        <time className="quiet" dateTime={delivery.createdAt}>
          {moment(new Date(delivery.createdAt), zone, now)}
        </time>
      </div>
      {last && (
        <p className="small quiet">
          Attempt {last.number}: {outcomeOf(last)}
        </p>
      )}
      <details className="small">
        <summary className="quiet">
          {delivery.attempts.length} {delivery.attempts.length === 1 ? "attempt" : "attempts"} and the message
          <span className="sr"> {delivery.id}</span>
        </summary>
        <ol className="attempts">
          {delivery.attempts.map((one) => (
            <li key={one.number}>
              {moment(new Date(one.at), zone, now)}: {outcomeOf(one)}
              {one.durationMs !== null && <span className="faint"> in {one.durationMs} ms</span>}
              {one.answer && <pre>{one.answer}</pre>}
            </li>
          ))}
        </ol>
        <p className="faint">webhook-id {delivery.id}</p>
        <pre>{delivery.payload}</pre>
      </details>
      {ended && (
        <p>
          <button
            className="btn small"
            type="button"
            disabled={again.isPending}
            onClick={() => again.mutate({ call: () => replay(delivery.id), said: "It is sent again." })}
          >
            Send again<span className="sr"> {delivery.id}</span>
          </button>
        </p>
      )}
    </li>
  );
}

function outcomeOf({ outcome, statusCode, detail }: Delivery["attempts"][number]): string {
  const said = [outcome ?? "under way", statusCode && `status ${statusCode}`, detail].filter(Boolean);
  return said.join(", ");
}
