/** Who gets no message: search, add, allow again with a reason, and the whole list as a file in and out. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, read } from "../api/client";
import { currentTime } from "../clock";
import { day } from "../format/time";
import { words } from "../format/words";
import { AddSuppressions, SCOPES } from "../inbox/AddSuppressions";
import { csvOf, type Suppressed } from "../inbox/suppressionList";
import { InboxTop } from "../inbox/Tabs";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { Loaded } from "../parts/Loaded";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { sayFailure } from "../parts/problem";
import { useChange } from "../parts/useChange";
import { useMay, useNameOf, useSession } from "../session";

const KEY = ["inbox", "suppressions"];

export function Suppressions() {
  const may = useMay();
  return (
    <main id="main">
      <InboxTop title="Suppression list" />
      <div className="wrap">
        {may("manage") ? <List /> : <p className="pad">This screen is for admins.</p>}
      </div>
    </main>
  );
}

function List() {
  const [value, setValue] = useState("");
  const [lifting, lift] = useState<Suppressed | null>(null);
  const all = useInfiniteQuery({
    queryKey: [...KEY, "all"],
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/suppressions", { params: { query: { limit: 100, cursor: pageParam } } })),
    ...byCursor,
    enabled: value === "",
  });
  const found = useQuery({
    queryKey: [...KEY, "of", value],
    queryFn: () => read(api.GET("/api/suppressions", { params: { query: { value } } })),
    enabled: value !== "",
    retry: false,
  });
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setValue(String(new FormData(event.currentTarget).get("value")).trim());
  };
  return (
    <>
      <Part title="Look up">
        <form className="row-form" onSubmit={search} onReset={() => setValue("")}>
          <p className="field">
            <label htmlFor="suppressed-value">An address, a number or a domain</label>
            <input id="suppressed-value" name="value" minLength={3} maxLength={320} autoComplete="off" />
          </p>
          <button className="btn" type="submit">
            Look up
          </button>
          {value !== "" && (
            <button className="btn bare" type="reset">
              Show all
            </button>
          )}
        </form>
        {value !== "" && (
          <Loaded query={found} what="The list" rows={2}>
            {({ items }) =>
              items.length === 0 ? (
                <p>
                  <strong>{value}</strong> is not on the list, and neither is its domain.
                </p>
              ) : (
                <Entries items={items} lift={lift} />
              )
            }
          </Loaded>
        )}
      </Part>
      {value === "" && (
        <>
          <Part title="Add">
            <AddSuppressions />
          </Part>
          <Part title="Suppressed" aside={<Export />}>
            <Pages
              query={all}
              what="The list"
              empty="The list is empty. Addresses that unsubscribe, complain or do not exist are added by themselves."
            >
              {(items) => <Entries items={items} lift={lift} />}
            </Pages>
          </Part>
        </>
      )}
      {lifting && <LiftDialog of={lifting} onClose={() => lift(null)} />}
    </>
  );
}

function Entries({ items, lift }: { items: Suppressed[]; lift: (one: Suppressed) => void }) {
  const { zone } = useSession().person;
  const now = currentTime();
  return (
    <table className="grid-table">
      <thead>
        <tr>
          <th scope="col">Recipient</th>
          <th scope="col">Gets nothing by</th>
          <th scope="col" className="opt">
            Why
          </th>
          <th scope="col" className="opt">
            Since
          </th>
          <th scope="col">
            <span className="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={one.id}>
            <th scope="row" className="anywhere">
              {one.value === null ? "erased" : one.kind === "domain" ? `@${one.value}` : one.value}
            </th>
            <td>{SCOPES.find(({ scope }) => scope === one.scope)?.name ?? one.scope}</td>
            <td className="opt">
              {one.why} <Source of={one.source} />
            </td>
            <td className="opt nowrap">{day(new Date(one.at), zone, now)}</td>
            <td className="num">
              <button className="btn small" type="button" onClick={() => lift(one)}>
                Allow again<span className="sr"> {one.value}</span>
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Source({ of: source }: { of: string }) {
  const nameOf = useNameOf();
  const [kind, id] = source.split(/:(.*)/s);
  return (
    <span className="faint">{kind === "person" && id ? nameOf(id) : words(kind ?? "").toLowerCase()}</span>
  );
}

function LiftDialog({ of: entry, onClose }: { of: Suppressed; onClose: () => void }) {
  const change = useChange(KEY);
  const who = entry.value ?? "this recipient";
  return (
    <Dialog
      title={`Allow messages to ${who} again?`}
      action="Allow again"
      busy={change.isPending}
      onClose={onClose}
      onSubmit={(form) =>
        change.mutate({
          call: () =>
            read(
              api.DELETE("/api/suppressions/{entry_id}", {
                params: { path: { entry_id: entry.id }, query: { why: String(form.get("why")) } },
              }),
            ),
          said: `Messages to ${who} are allowed again.`,
          onDone: onClose,
        })
      }
    >
      <p className="quiet">
        Most entries are here because somebody said no. The reason stays in the audit log.
      </p>
      <Field label="Why" name="why" required maxLength={300} autoComplete="off" />
    </Dialog>
  );
}

/** The whole list as a CSV file, read page by page. */
function Export() {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    const entries: Suppressed[] = [];
    let cursor: string | undefined;
    do {
      const page = await read(api.GET("/api/suppressions", { params: { query: { limit: 200, cursor } } }));
      entries.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const url = URL.createObjectURL(new Blob([csvOf(entries)], { type: "text/csv" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = "suppression-list.csv";
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <button
      className="btn small"
      type="button"
      disabled={busy}
      onClick={() => {
        setBusy(true);
        save()
          .catch(sayFailure("Not exported"))
          .finally(() => setBusy(false));
      }}
    >
      Export as CSV
    </button>
  );
}
