import type { Schemas } from "../api/client";
import { Field } from "../parts/Field";

type Endpoint = Schemas["EndpointView"];

/** The fields of a webhook endpoint, for a new one and for changes. */
export function EndpointFields({ of: endpoint }: { of?: Endpoint }) {
  return (
    <>
      <Field
        label="Address"
        name="url"
        type="url"
        required
        maxLength={2000}
        autoComplete="off"
        placeholder="https://example.com/hooks"
        defaultValue={endpoint?.url}
      />
      <Field
        label="Types of messages"
        name="types"
        autoComplete="off"
        placeholder="lead.qualified, lead.*"
        defaultValue={endpoint?.eventTypes.join(", ")}
        help="Comma separated. None: everything."
      />
      <Field
        label="What it is for"
        name="description"
        maxLength={500}
        autoComplete="off"
        defaultValue={endpoint?.description}
      />
    </>
  );
}

/** The body that the fields stand for. */
export function endpointOf(form: FormData) {
  return {
    url: String(form.get("url")),
    description: String(form.get("description")),
    eventTypes: String(form.get("types"))
      .split(/[\s,]+/)
      .filter(Boolean),
  };
}
