/** One webhook endpoint: what it gets, its deliveries with every attempt, and sending again what failed. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { moment } from "../format/time";
import { Deliveries, type DeliveryState } from "../operations/Deliveries";
import { EndpointFields, endpointOf } from "../operations/EndpointForm";
import { EndpointState } from "../operations/EndpointState";
import { OperationsScreen } from "../operations/Tabs";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { Loaded } from "../parts/Loaded";
import { SecretOnce } from "../parts/SecretOnce";
import { useChange } from "../parts/useChange";
import { useMay, useSession } from "../session";

type Endpoint = Schemas["EndpointView"];
const route = getRouteApi("/shell/ops/webhooks/$endpointId");
const ENDPOINTS = ["ops", "endpoints"];
const DELIVERIES = ["ops", "deliveries"];

export function Webhook() {
  const may = useMay();
  const { endpointId } = route.useParams();
  const { state } = route.useSearch();
  const navigate = useNavigate();
  const [secret, setSecret] = useState("");
  const endpoint = useQuery({
    queryKey: [...ENDPOINTS, endpointId],
    queryFn: () =>
      read(
        api.GET("/api/webhook-endpoints/{endpoint_id}", { params: { path: { endpoint_id: endpointId } } }),
      ),
    enabled: may("manage"),
  });
  const show = (next: DeliveryState | undefined) =>
    void navigate({ to: "/ops/webhooks/$endpointId", params: { endpointId }, search: { state: next } });
  return (
    <OperationsScreen title={endpoint.data?.url ?? "Webhook"}>
      <Loaded query={endpoint} what="The endpoint">
        {(found) => (
          <>
            <Facts of={found} onSecret={setSecret} />
            {secret && <SecretOnce says="The new secret." secret={secret} close={() => setSecret("")} />}
            <Deliveries endpointId={endpointId} state={state} show={show} />
          </>
        )}
      </Loaded>
    </OperationsScreen>
  );
}

function Facts({ of: endpoint, onSecret }: { of: Endpoint; onSecret: (secret: string) => void }) {
  const { zone } = useSession().person;
  const change = useChange(ENDPOINTS, DELIVERIES);
  const [asked, setAsked] = useState<"change" | "rotate" | "delete" | null>(null);
  const params = { path: { endpoint_id: endpoint.id } };
  const enabled = endpoint.state === "enabled";
  const enable = () =>
    change.mutate({
      call: () =>
        read(api.PATCH("/api/webhook-endpoints/{endpoint_id}", { params, body: { enabled: !enabled } })),
      said: enabled ? "It gets nothing now." : "It gets messages again.",
    });
  const test = () =>
    change.mutate({
      call: () => read(api.POST("/api/webhook-endpoints/{endpoint_id}/test", { params })),
      said: "A test message is on its way; its outcome stands below.",
    });
  const close = () => setAsked(null);
  return (
    <div className="part">
      <p className="small">
        <Link className="link quiet" to="/ops/webhooks">
          All endpoints
        </Link>
      </p>
      <p className="opening anywhere">{endpoint.url}</p>
      <dl className="pairs">
        <dt>State</dt>
        <dd>
          <EndpointState of={endpoint} />
        </dd>
        <dt>Gets</dt>
        <dd>{endpoint.eventTypes.join(", ") || "everything"}</dd>
        <dt>For</dt>
        <dd>{endpoint.description || <span className="faint">not said</span>}</dd>
        <dt>Since</dt>
        <dd>{moment(new Date(endpoint.createdAt), zone, new Date())}</dd>
        {endpoint.oldSecretsExpireAt && (
          <>
            <dt>Secret</dt>
            <dd>
              the one before signs too until {moment(new Date(endpoint.oldSecretsExpireAt), zone, new Date())}
            </dd>
          </>
        )}
      </dl>
      <p className="acts">
        <button className="btn" type="button" disabled={change.isPending || !enabled} onClick={test}>
          Send a test message
        </button>
        <button className="btn" type="button" onClick={() => setAsked("change")}>
          Change
        </button>
        <button className="btn" type="button" disabled={change.isPending} onClick={enable}>
          {enabled ? "Switch off" : "Switch on"}
        </button>
        <button className="btn" type="button" onClick={() => setAsked("rotate")}>
          New secret
        </button>
        <button className="btn" type="button" onClick={() => setAsked("delete")}>
          Delete
        </button>
      </p>
      {asked === "change" && <Change of={endpoint} onClose={close} />}
      {asked === "rotate" && <Rotate of={endpoint} onClose={close} onSecret={onSecret} />}
      {asked === "delete" && <Delete of={endpoint} onClose={close} />}
    </div>
  );
}

interface DialogProps {
  of: Endpoint;
  onClose: () => void;
}

function Change({ of: endpoint, onClose }: DialogProps) {
  const change = useChange(ENDPOINTS);
  const params = { path: { endpoint_id: endpoint.id } };
  const confirm = (form: FormData) =>
    change.mutate({
      call: () => read(api.PATCH("/api/webhook-endpoints/{endpoint_id}", { params, body: endpointOf(form) })),
      said: "The endpoint is changed.",
      onDone: onClose,
    });
  return (
    <Dialog
      title="Change the endpoint"
      action="Change it"
      busy={change.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <EndpointFields of={endpoint} />
    </Dialog>
  );
}

function Rotate({ of: endpoint, onClose, onSecret }: DialogProps & { onSecret: (secret: string) => void }) {
  const rotate = useChange<Schemas["EndpointWithSecretView"]>(ENDPOINTS);
  const params = { path: { endpoint_id: endpoint.id } };
  const confirm = (form: FormData) =>
    rotate.mutate({
      call: () =>
        read(
          api.POST("/api/webhook-endpoints/{endpoint_id}/rotate-secret", {
            params,
            body: { overlapHours: Number(form.get("hours")) },
          }),
        ),
      said: "The endpoint has a new secret.",
      onDone: ({ secret }) => {
        onSecret(secret);
        onClose();
      },
    });
  return (
    <Dialog
      title="Give the endpoint a new secret"
      action="Make a secret"
      busy={rotate.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <Field
        label="Hours for which messages carry both signatures"
        name="hours"
        type="number"
        min={0}
        max={168}
        step="any"
        defaultValue={24}
        required
      />
    </Dialog>
  );
}

function Delete({ of: endpoint, onClose }: DialogProps) {
  const navigate = useNavigate();
  const remove = useChange(ENDPOINTS);
  const params = { path: { endpoint_id: endpoint.id } };
  const confirm = () =>
    remove.mutate({
      call: () => read(api.DELETE("/api/webhook-endpoints/{endpoint_id}", { params })),
      said: "The endpoint is deleted.",
      onDone: () => void navigate({ to: "/ops/webhooks" }),
    });
  return (
    <Dialog
      title="Delete the endpoint?"
      action="Delete it"
      busy={remove.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <p className="quiet">
        Its secrets go too, and messages that wait for it are not sent. To pause it, switch it off instead.
      </p>
    </Dialog>
  );
}
