import type { Schemas } from "../api/client";

/** Whether an endpoint gets messages, and if not, why. */
export function EndpointState({ of: { state, reason } }: { of: Schemas["EndpointView"] }) {
  if (state === "enabled") return <>Gets messages</>;
  return (
    <>
      <span className="strong alarm">Gets nothing</span>
      {reason && <span className="block small quiet">{reason}</span>}
    </>
  );
}
