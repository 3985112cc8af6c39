/** Events as they arrive, without a gap: paused, filtered by type and lead, and bounded in the page. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, memo, useCallback, useRef, useState } from "react";
import { clock, moment } from "../format/time";
import { useActions } from "../keys/useActions";
import { OperationsScreen } from "../operations/Tabs";
import { type LogEvent, MOST_KEPT, matches, type TailFilter } from "../operations/tail";
import { useTail } from "../operations/useTail";
import { Field } from "../parts/Field";
import { Failure, Loading } from "../parts/states";
import { useMay, useSession } from "../session";

/** Rows at a time: each costs the browser time. */
const MOST_SHOWN = 200;
const route = getRouteApi("/shell/ops/events");

export function LiveTail() {
  const may = useMay();
  return <OperationsScreen title="Live events">{may("manage") && <Tailed />}</OperationsScreen>;
}

function Tailed() {
  const filter = route.useSearch();
  const { zone } = useSession().person;
  const [pausedAt, setPausedAt] = useState<Date | null>(null);
  const paused = pausedAt !== null;
  const { tail, error, skip } = useTail(paused);
  const toggle = () => setPausedAt(paused ? null : new Date());
  useActions({ refresh: () => paused && toggle() });
  const found = tail.events.filter((one) => matches(one, filter)).slice(0, MOST_SHOWN);
  const only = useOnlyType();
  const { shown, waiting, hold, release } = useHeld(found);
  return (
    <div className="part">
      <FilterForm filter={filter} />
      <div className="acts">
        <button className="btn" type="button" aria-pressed={paused} onClick={toggle}>
          {paused ? "Go on" : "Pause"}
        </button>
        <p className="quiet small" role="status">
          {pausedAt !== null &&
            `Paused since ${clock(pausedAt, zone)}. What arrives meanwhile is read when you go on.`}
          {!paused && waiting === 0 && (tail.more ? "Catching up." : "Following.")}
          {!paused && waiting > 0 && `${waiting} new, shown when the pointer leaves the list.`}
        </p>
        {tail.more && !paused && (
          <button className="btn small" type="button" onClick={skip}>
            Leave out what is between, show the newest
          </button>
        )}
      </div>
      {error !== null && <Failure what="The log" error={error} />}
      {tail.cursor === null && error === null && <Loading what="events" />}
      {tail.cursor !== null && found.length === 0 && (
        <p className="quiet">
          {tail.events.length === 0
            ? "No event yet. Events appear here as they arrive."
            : `None of the last ${tail.events.length} events fits.`}
        </p>
      )}
      {shown.length > 0 && (
        // The list is held while somebody points at it, so that nothing moves under the pointer.
        <ol className="entries tail" onPointerEnter={hold} onPointerLeave={release}>
          {shown.map((one) => (
            <Row key={one.position} event={one} zone={zone} only={only} />
          ))}
        </ol>
      )}
      {shown.length >= MOST_SHOWN && (
        <p className="small faint">These are the newest {MOST_SHOWN}. A filter shows others.</p>
      )}
      {tail.dropped > 0 && (
        <p className="small faint">
          Filters look at the last {MOST_KEPT.toLocaleString("en-GB")} that were read here;{" "}
          {tail.dropped.toLocaleString("en-GB")} older ones have gone from this page. All events of a lead are
          on its page.
        </p>
      )}
    </div>
  );
}

/** The events to show: those of the moment at which the pointer came, until it leaves. */
function useHeld(found: LogEvent[]) {
  const [held, setHeld] = useState<LogEvent[] | null>(null);
  const latest = useRef(found);
  latest.current = found;
  const newest = held?.[0]?.position ?? 0;
  return {
    shown: held ?? found,
    waiting: held ? found.filter((one) => one.position > newest).length : 0,
    hold: (event: React.PointerEvent) => event.pointerType === "mouse" && setHeld(latest.current),
    release: () => setHeld(null),
  };
}

function FilterForm({ filter }: { filter: TailFilter }) {
  const navigate = useNavigate();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const value = (name: string) => String(form.get(name)).trim() || undefined;
    void navigate({
      to: "/ops/events",
      search: { type: value("type"), lead: value("lead"), source: value("source") },
    });
  };
  return (
    <form className="row-form" onSubmit={submit} key={`${filter.type} ${filter.lead} ${filter.source}`}>
      <Field label="Type" name="type" defaultValue={filter.type} placeholder="page.*" autoComplete="off" />
      <Field label="Lead" name="lead" defaultValue={filter.lead} autoComplete="off" />
      <Field label="Source" name="source" defaultValue={filter.source} autoComplete="off" />
      <button className="btn" type="submit">
        Filter
      </button>
      {(filter.type || filter.lead || filter.source) && (
        <Link className="btn" to="/ops/events">
          Show all
        </Link>
      )}
    </form>
  );
}

/** Show one type only; the same function each time, so that rows that stay are not drawn again. */
function useOnlyType(): (type: string) => void {
  const navigate = useNavigate();
  return useCallback(
    (type) => void navigate({ to: "/ops/events", search: (before) => ({ ...before, type }) }),
    [navigate],
  );
}

interface RowProps {
  event: LogEvent;
  zone: string;
  only: (type: string) => void;
}

const Row = memo(function Row({ event, zone, only }: RowProps) {
  const now = new Date();
  const [received, occurred] = [new Date(event.receivedAt), new Date(event.occurredAt)];
  const late = received.getTime() - occurred.getTime() > 60_000;
  return (
    <li>
      <div className="entry-head">
        <span>
          <button className="plain strong" type="button" onClick={() => only(event.type)}>
            {event.type}
          </button>
          <Link className="lead-of" to="/leads/$leadId" params={{ leadId: event.leadId }}>
            {event.leadId}
          </Link>
          {late && <span className="faint"> occurred {moment(occurred, zone, now)}</span>}
        </span>
        <span className="quiet">{event.source}</span>
        <time className="quiet" dateTime={event.receivedAt}>
          {moment(received, zone, now)}
          {`:${received.getUTCSeconds().toString().padStart(2, "0")}`}
        </time>
      </div>
    </li>
  );
});
