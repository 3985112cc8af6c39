/** Sources: senders that speak the protocol of another system, each with a write key that is shown once. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { OperationsScreen } from "../operations/Tabs";
import { Field } from "../parts/Field";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { SecretOnce } from "../parts/SecretOnce";
import { useChange } from "../parts/useChange";
import { useMay } from "../session";
import { SOURCES } from "../sources/queries";

type WithKey = Schemas["SourceWithKeyView"];

export function Sources() {
  const may = useMay();
  const [made, setMade] = useState<WithKey | null>(null);
  const sources = useInfiniteQuery({
    queryKey: SOURCES,
    queryFn: ({ pageParam }) => read(api.GET("/api/sources", { params: { query: { cursor: pageParam } } })),
    ...byCursor,
    enabled: may("manage"),
  });
  return (
    <OperationsScreen title="Sources">
      {made && (
        <div className="part">
          <SecretOnce
            says={`The write key of ${made.name}.`}
            secret={made.writeKey}
            close={() => setMade(null)}
          />
        </div>
      )}
      <Part title="Sources">
        <Pages
          query={sources}
          what="The list"
          empty="No source yet. One lets a client of another system, such as Segment or PostHog, send its events here."
        >
          {(items) => (
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">For</th>
                  <th scope="col" className="opt">
                    Mapped names
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.id}>
                    <th scope="row" className="anywhere">
                      <Link className="link" to="/ops/sources/$sourceId" params={{ sourceId: one.id }}>
                        {one.name}
                      </Link>
                    </th>
                    <td className="anywhere">{one.origins.join(", ") || "servers and apps"}</td>
                    <td className="opt quiet">
                      {Object.keys(one.events).length + Object.keys(one.properties).length}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Pages>
      </Part>
      <NewSource onMade={setMade} />
    </OperationsScreen>
  );
}

function NewSource({ onMade }: { onMade: (source: WithKey) => void }) {
  const create = useChange<WithKey>(SOURCES);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const name = String(data.get("name"));
    const origins = String(data.get("origins"))
      .split(/[\s,]+/)
      .filter(Boolean);
    const body = { name, origins, events: {}, properties: {}, identifiers: {} };
    create.mutate({
      call: () => read(api.POST("/api/sources", { body })),
      said: `${name} can send now.`,
      onDone: (source) => {
        onMade(source);
        form.reset();
      },
    });
  };
  return (
    <Part title="New source">
      <form className="stack" onSubmit={submit}>
        <Field
          label="Name"
          name="name"
          required
          maxLength={80}
          autoComplete="off"
          help="Its events have it as their source."
        />
        <Field
          label="Web pages that send with its key"
          name="origins"
          autoComplete="off"
          placeholder="https://www.example.com"
          help="None: it is for servers and apps."
        />
        <p className="acts">
          <button className="btn primary" type="submit" disabled={create.isPending}>
            Make a source
          </button>
        </p>
      </form>
    </Part>
  );
}
