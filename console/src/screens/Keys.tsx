/** API keys: what each may do and when it was last used; new ones are shown once, old ones are replaced or revoked. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { moment, since } from "../format/time";
import { SCOPES, type Scope } from "../operations/scopes";
import { OperationsScreen } from "../operations/Tabs";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { SecretOnce } from "../parts/SecretOnce";
import { useChange } from "../parts/useChange";
import { useMay, useSession } from "../session";

type Key = Schemas["KeyView"];
type Issued = Schemas["IssuedKeyView"];
const KEYS = ["ops", "keys"];

export function Keys() {
  const [issued, setIssued] = useState<Issued | null>(null);
  return (
    <OperationsScreen title="API keys">
      {issued && (
        <div className="part">
          <SecretOnce says={`The key of ${issued.name}.`} secret={issued.key} close={() => setIssued(null)} />
        </div>
      )}
      <AllKeys onIssued={setIssued} />
      <NewKey onIssued={setIssued} />
    </OperationsScreen>
  );
}

function NewKey({ onIssued }: { onIssued: (key: Issued) => void }) {
  const may = useMay();
  const [scopes, setScopes] = useState<Scope[]>(["ingest"]);
  const create = useChange<Issued>(KEYS);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const name = String(data.get("name"));
    const origins = String(data.get("origins") ?? "")
      .split(/[\s,]+/)
      .filter(Boolean);
    create.mutate({
      call: () => read(api.POST("/api/keys", { body: { name, scopes, origins } })),
      said: `The key ${name} works now.`,
      onDone: (key) => {
        onIssued(key);
        form.reset();
        setScopes(["ingest"]);
      },
    });
  };
  const toggle = (scope: Scope, on: boolean) =>
    setScopes((before) => (on ? [...before, scope] : before.filter((one) => one !== scope)));
  return (
    <Part title="New key">
      <form className="stack" onSubmit={submit}>
        <Field
          label="Name"
          name="name"
          required
          maxLength={100}
          autoComplete="off"
          help="Where it is used: website, warehouse."
        />
        <fieldset className="field">
          <legend>May</legend>
          {SCOPES.filter(({ name }) => name !== "own" || may("own")).map(({ name, does }) => (
            <label key={name} className="check">
              <input
                type="checkbox"
                checked={scopes.includes(name)}
                onChange={(event) => toggle(name, event.target.checked)}
              />
              <span>
                {does} <code className="small faint">{name}</code>
              </span>
            </label>
          ))}
        </fieldset>
        {scopes.length === 1 && scopes[0] === "ingest" && (
          <Field
            label="Web pages that send with it, if it is for those"
            name="origins"
            autoComplete="off"
            placeholder="https://shop.example.com"
            help="Everybody can read a key in a page: with addresses here it sends from these pages only, and reads nothing."
          />
        )}
        <p className="acts">
          <button className="btn primary" type="submit" disabled={create.isPending || scopes.length === 0}>
            Make a key
          </button>
        </p>
      </form>
    </Part>
  );
}

function AllKeys({ onIssued }: { onIssued: (key: Issued) => void }) {
  const keys = useInfiniteQuery({
    queryKey: KEYS,
    queryFn: ({ pageParam }) => read(api.GET("/api/keys", { params: { query: { cursor: pageParam } } })),
    ...byCursor,
  });
  const [asked, setAsked] = useState<{ key: Key; what: "revoke" | "replace" } | null>(null);
  return (
    <Part title="Keys">
      <Pages query={keys} what="The list" empty="There is no key yet.">
        {(items) => (
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">May</th>
                <th scope="col">Last used</th>
                <th scope="col" className="opt">
                  Made
                </th>
                <th scope="col">
                  <span className="sr">Changes</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((key) => (
                <Row key={key.id} of={key} ask={(what) => setAsked({ key, what })} />
              ))}
            </tbody>
          </table>
        )}
      </Pages>
      {asked?.what === "revoke" && <Revoke of={asked.key} onClose={() => setAsked(null)} />}
      {asked?.what === "replace" && (
        <Replace of={asked.key} onClose={() => setAsked(null)} onIssued={onIssued} />
      )}
    </Part>
  );
}

function Row({ of: key, ask }: { of: Key; ask: (what: "revoke" | "replace") => void }) {
  const { zone } = useSession().person;
  const may = useMay();
  const now = new Date();
  return (
    <tr className={key.revokedAt ? "faint" : undefined}>
      <th scope="row" className="anywhere">
        {key.name}
        <span className="block small faint">{key.id}</span>
      </th>
      <td>
        {key.scopes.join(", ")}
        {key.origins.length > 0 && <span className="block small faint">from {key.origins.join(", ")}</span>}
      </td>
      <td>
        {key.lastUsedAt ? (
          <time dateTime={key.lastUsedAt} title={moment(new Date(key.lastUsedAt), zone, now)}>
            {since(new Date(key.lastUsedAt), now)}
          </time>
        ) : (
          "never"
        )}
        {key.oldSecretsExpireAt && (
          <span className="block small faint">
            the one before works until {moment(new Date(key.oldSecretsExpireAt), zone, now)}
          </span>
        )}
      </td>
      <td className="opt quiet">{moment(new Date(key.createdAt), zone, now)}</td>
      <td className="num">
        {key.revokedAt ? (
          <>revoked {moment(new Date(key.revokedAt), zone, now)}</>
        ) : (
          <span className="acts tight">
            {(!key.scopes.includes("own") || may("own")) && (
              <button className="btn small" type="button" onClick={() => ask("replace")}>
                Replace<span className="sr"> {key.name}</span>
              </button>
            )}
            <button className="btn small" type="button" onClick={() => ask("revoke")}>
              Revoke<span className="sr"> {key.name}</span>
            </button>
          </span>
        )}
      </td>
    </tr>
  );
}

function Revoke({ of: key, onClose }: { of: Key; onClose: () => void }) {
  const revoke = useChange(KEYS);
  const confirm = () =>
    revoke.mutate({
      call: () => read(api.POST("/api/keys/{key_id}/revoke", { params: { path: { key_id: key.id } } })),
      said: `The key ${key.name} is revoked.`,
      onDone: onClose,
    });
  return (
    <Dialog
      title={`Revoke ${key.name}?`}
      action="Revoke it"
      busy={revoke.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <p className="quiet">
        What sends with it is refused within seconds, for good. There is no way back but a new key.
      </p>
    </Dialog>
  );
}

function Replace(props: { of: Key; onClose: () => void; onIssued: (key: Issued) => void }) {
  const { of: key, onClose, onIssued } = props;
  const rotate = useChange<Issued>(KEYS);
  const confirm = (form: FormData) =>
    rotate.mutate({
      call: () =>
        read(
          api.POST("/api/keys/{key_id}/rotate", {
            params: { path: { key_id: key.id } },
            body: { overlapHours: Number(form.get("hours")) },
          }),
        ),
      said: `${key.name} has a new key.`,
      onDone: (issued) => {
        onIssued(issued);
        onClose();
      },
    });
  return (
    <Dialog
      title={`Replace the key of ${key.name}`}
      action="Replace it"
      busy={rotate.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <Field
        label="Hours for which the old one still works"
        name="hours"
        type="number"
        min={0}
        max={720}
        step="any"
        defaultValue={24}
        required
        help="0 ends it at once."
      />
    </Dialog>
  );
}
