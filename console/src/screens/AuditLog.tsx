/** Who changed what in the workspace, newest first; the target is in the address. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { FormEvent } from "react";
import { api, read, type Schemas } from "../api/client";
import { deviceName } from "../format/device";
import { ago, moment } from "../format/time";
import { words } from "../format/words";
import { OperationsScreen } from "../operations/Tabs";
import { Field } from "../parts/Field";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { useMay, useSession } from "../session";

const route = getRouteApi("/shell/ops/audit");

export function AuditLog() {
  const may = useMay();
  const { target } = route.useSearch();
  const navigate = useNavigate();
  const audit = useInfiniteQuery({
    queryKey: ["ops", "audit", target],
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/audit", { params: { query: { target, cursor: pageParam } } })),
    ...byCursor,
    enabled: may("manage"),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wanted = String(new FormData(event.currentTarget).get("target")).trim();
    void navigate({ to: "/ops/audit", search: { target: wanted || undefined } });
  };
  return (
    <OperationsScreen title="Audit log">
      <Part title="Changes by people, keys and the command line">
        <form className="row-form" onSubmit={submit} key={target}>
          <Field
            label="Only about"
            name="target"
            defaultValue={target}
            maxLength={300}
            autoComplete="off"
            placeholder="id of a key, endpoint, person or lead"
          />
          <button className="btn" type="submit">
            Show
          </button>
        </form>
        <Pages query={audit} what="The log" empty={target ? `Nothing about ${target}.` : "Nothing yet."}>
          {(items) => (
            <ol className="log">
              {items.map((one) => (
                <Entry key={one.id} entry={one} />
              ))}
            </ol>
          )}
        </Pages>
      </Part>
    </OperationsScreen>
  );
}

function Entry({ entry }: { entry: Schemas["AuditView"] }) {
  const { zone } = useSession().person;
  const now = new Date();
  const at = new Date(entry.at);
  return (
    <li>
      <time className="quiet" dateTime={entry.at} title={`${ago(at, now)} ago`}>
        {moment(at, zone, now)}
      </time>
      <div>
        <span className="strong">{entry.who.name || entry.who.kind}</span> <Did entry={entry} />
        <Change before={entry.before} after={entry.after} />
      </div>
    </li>
  );
}

/** The action with its target, which goes without saying where people did something with themselves. */
function Did({ entry }: { entry: Schemas["AuditView"] }) {
  if (entry.target === entry.who.personId) {
    return words(entry.action.replace(/^person\./, "")).toLowerCase();
  }
  return (
    <>
      {words(entry.action).toLowerCase()}: <span className="quiet">{entry.target}</span>
    </>
  );
}

type Facts = Record<string, unknown> | null;

/** The fields that are others now. */
function Change({ before, after }: { before: Facts; after: Facts }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const changed = names.filter((name) => shown(before?.[name]) !== shown(after?.[name]));
  if (changed.length === 0) return null;
  return (
    <ul className="small faint">
      {changed.map((name) => (
        <li key={name}>
          {words(name.replace(/(?=[A-Z])/g, " ").toLowerCase())}:{" "}
          {before && after && `${shown(before[name]) || "nothing"} → `}
          {shown((after ?? before)?.[name], name) || "nothing"}
        </li>
      ))}
    </ul>
  );
}

/** A value as text; nothing for what is empty. */
function shown(value: unknown, name = ""): string {
  if (name === "device") return deviceName(String(value ?? ""));
  if (value === null || value === undefined) return "";
  if (Array.isArray(value))
    return value
      .map((one) => shown(one))
      .filter(Boolean)
      .join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
