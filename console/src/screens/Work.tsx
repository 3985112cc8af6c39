/** Due work, unit by unit: what waits and why, what was given up; held, resumed, tried again. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { words } from "../format/words";
import { OperationsScreen } from "../operations/Tabs";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { useChange } from "../parts/useChange";
import { useMay, useSession } from "../session";

type Unit = Schemas["UnitView"];
type Wanted = { kind?: string; state?: Unit["state"] };
type Query = NonNullable<NonNullable<Parameters<typeof api.GET<"/api/work", never>>[1]>["params"]>["query"];

const route = getRouteApi("/shell/ops/work");
const WORK = ["ops", "work"];
const STATES: Record<Unit["state"], string> = {
  waiting: "Waiting",
  retrying: "Retrying",
  held: "Held",
  dead: "Given up",
  done: "Done",
};

export function Work() {
  const may = useMay();
  const wanted = route.useSearch();
  return (
    <OperationsScreen title="Due work">
      <Part title={wanted.kind ? `Due work: ${words(wanted.kind).toLowerCase()}` : "Due work"}>
        <States wanted={wanted} />
        {may("manage") && <Units wanted={wanted} />}
      </Part>
    </OperationsScreen>
  );
}

function States({ wanted }: { wanted: Wanted }) {
  return (
    <nav className="pick states" aria-label="Which state">
      <Link to="/ops/work" search={{ kind: wanted.kind }} aria-current={wanted.state ? undefined : "page"}>
        Not done
      </Link>
      {(Object.keys(STATES) as Unit["state"][]).map((state) => (
        <Link
          key={state}
          to="/ops/work"
          search={{ kind: wanted.kind, state }}
          aria-current={wanted.state === state ? "page" : undefined}
        >
          {STATES[state]}
        </Link>
      ))}
    </nav>
  );
}

function Units({ wanted }: { wanted: Wanted }) {
  const { zone } = useSession().person;
  const units = useInfiniteQuery({
    queryKey: [...WORK, wanted],
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/work", { params: { query: { ...wanted, cursor: pageParam } as Query } })),
    ...byCursor,
    refetchInterval: 5_000,
  });
  return (
    <Pages
      query={units}
      what="The list"
      empty="No work is in this state. What has to leave the engine is listed here until it is done."
    >
      {(items) => (
        <ol className="entries">
          {items.map((one) => (
            <Row key={`${one.kind} ${one.id}`} unit={one} zone={zone} />
          ))}
        </ol>
      )}
    </Pages>
  );
}

function Row({ unit, zone }: { unit: Unit; zone: string }) {
  const now = currentTime();
  const because = unit.heldBecause ?? unit.waitsBecause ?? unit.lastAttempt?.detail;
  const attempts = `${unit.attempts} ${unit.attempts === 1 ? "attempt" : "attempts"}`;
  return (
    <li>
      <div className="entry-head">
        <span>
          <span className="strong">{words(unit.kind)}</span>{" "}
          {unit.leadId && (
            <Link className="lead-of" to="/leads/$leadId" params={{ leadId: unit.leadId }}>
              {unit.leadId}
            </Link>
          )}
        </span>
        <span className={unit.state === "dead" ? "alarm strong" : "quiet"}>
          {STATES[unit.state]}, {attempts}
        </span>
        <span className="quiet">due {moment(new Date(unit.dueAt), zone, now)}</span>
      </div>
      {because && <p className="quiet">{because}</p>}
      <p className="small faint">{unit.id}</p>
      <Actions unit={unit} />
    </li>
  );
}

function Actions({ unit }: { unit: Unit }) {
  const [holding, setHolding] = useState(false);
  const [discarding, setDiscarding] = useState(false);
  const change = useChange(WORK, ["ops", "figures"]);
  const params = { path: { kind: unit.kind, unit_id: unit.id } };
  const act = (
    path: "/api/work/{kind}/{unit_id}/resume" | "/api/work/{kind}/{unit_id}/retry",
    said: string,
  ) => change.mutate({ call: () => read(api.POST(path, { params })), said });
  if (unit.state === "done") return null;
  return (
    <p className="acts">
      {unit.state === "dead" && (
        <button
          className="btn small"
          type="button"
          disabled={change.isPending}
          onClick={() =>
            act("/api/work/{kind}/{unit_id}/retry", "It is tried again, under the same idempotency key.")
          }
        >
          Try again<span className="sr">{` ${unit.id}`}</span>
        </button>
      )}
      {unit.state === "dead" && unit.kind === "reply" && (
        <button className="btn small" type="button" onClick={() => setDiscarding(true)}>
          Discard<span className="sr">{` ${unit.id}`}</span>
        </button>
      )}
      {unit.state === "held" && (
        <button
          className="btn small"
          type="button"
          disabled={change.isPending}
          onClick={() => act("/api/work/{kind}/{unit_id}/resume", "It goes on when it is due.")}
        >
          Resume<span className="sr">{` ${unit.id}`}</span>
        </button>
      )}
      {(unit.state === "waiting" || unit.state === "retrying") && (
        <button className="btn small" type="button" onClick={() => setHolding(true)}>
          Hold<span className="sr">{` ${unit.id}`}</span>
        </button>
      )}
      {holding && <HoldDialog unit={unit} onClose={() => setHolding(false)} />}
      {discarding && <DiscardDialog unit={unit} onClose={() => setDiscarding(false)} />}
    </p>
  );
}

function HoldDialog({ unit, onClose }: { unit: Unit; onClose: () => void }) {
  const hold = useChange(WORK, ["ops", "figures"]);
  const submit = (form: FormData) =>
    hold.mutate({
      call: () =>
        read(
          api.POST("/api/work/{kind}/{unit_id}/hold", {
            params: { path: { kind: unit.kind, unit_id: unit.id } },
            body: { because: String(form.get("because")) },
          }),
        ),
      said: "It is held until somebody resumes it.",
      onDone: onClose,
    });
  return (
    <Dialog
      title="Hold this unit?"
      action="Hold it"
      busy={hold.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label="Why"
        name="because"
        required
        maxLength={500}
        autoComplete="off"
        help="For the list and the audit log, unencrypted: name no person."
      />
    </Dialog>
  );
}

function DiscardDialog({ unit, onClose }: { unit: Unit; onClose: () => void }) {
  const discard = useChange(WORK, ["ops", "figures"]);
  const submit = (form: FormData) =>
    discard.mutate({
      call: () =>
        read(
          api.POST("/api/work/{kind}/{unit_id}/discard", {
            params: { path: { kind: unit.kind, unit_id: unit.id } },
            body: { why: String(form.get("why")) },
          }),
        ),
      said: "It is given up; nobody tries again to read the reply.",
      onDone: onClose,
    });
  return (
    <Dialog
      title="Discard this reading?"
      action="Discard it"
      busy={discard.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label="Why"
        name="why"
        required
        maxLength={500}
        autoComplete="off"
        help="For the list, unencrypted: name no person."
      />
    </Dialog>
  );
}
