/** Webhook endpoints: where the engine sends what happens. The secret of a new one is shown once. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { EndpointFields, endpointOf } from "../operations/EndpointForm";
import { EndpointState } from "../operations/EndpointState";
import { OperationsScreen } from "../operations/Tabs";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { SecretOnce } from "../parts/SecretOnce";
import { useChange } from "../parts/useChange";
import { useMay } from "../session";

type WithSecret = Schemas["EndpointWithSecretView"];
const ENDPOINTS = ["ops", "endpoints"];

export function Webhooks() {
  const may = useMay();
  const [made, setMade] = useState<WithSecret | null>(null);
  const endpoints = useInfiniteQuery({
    queryKey: ENDPOINTS,
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/webhook-endpoints", { params: { query: { cursor: pageParam } } })),
    ...byCursor,
    enabled: may("manage"),
  });
  return (
    <OperationsScreen title="Webhooks">
      {made && (
        <div className="part">
          <SecretOnce
            says={`The secret by which ${made.url} checks that a message is from this engine.`}
            secret={made.secret}
            close={() => setMade(null)}
          />
        </div>
      )}
      <Part title="Endpoints">
        <Pages
          query={endpoints}
          what="The list"
          empty="No endpoint yet. One is an address that gets a signed message when something happens to a lead."
        >
          {(items) => (
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col">Address</th>
                  <th scope="col">State</th>
                  <th scope="col" className="opt">
                    Gets
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.id}>
                    <th scope="row" className="anywhere">
                      <Link className="link" to="/ops/webhooks/$endpointId" params={{ endpointId: one.id }}>
                        {one.url}
                      </Link>
                      {one.description && <span className="block small faint">{one.description}</span>}
                    </th>
                    <td>
                      <EndpointState of={one} />
                    </td>
                    <td className="opt quiet">{one.eventTypes.join(", ") || "everything"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Pages>
      </Part>
      <NewEndpoint onMade={setMade} />
    </OperationsScreen>
  );
}

function NewEndpoint({ onMade }: { onMade: (endpoint: WithSecret) => void }) {
  const create = useChange<WithSecret>(ENDPOINTS);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const body = endpointOf(new FormData(form));
    create.mutate({
      call: () => read(api.POST("/api/webhook-endpoints", { body })),
      said: `${body.url} gets messages now.`,
      onDone: (endpoint) => {
        onMade(endpoint);
        form.reset();
      },
    });
  };
  return (
    <Part title="New endpoint">
      <form className="stack" onSubmit={submit}>
        <EndpointFields />
        <p className="acts">
          <button className="btn primary" type="submit" disabled={create.isPending}>
            Make an endpoint
          </button>
        </p>
      </form>
    </Part>
  );
}
