import { useNavigate } from "@tanstack/react-router";
import { api, read, type Schemas } from "../api/client";
import { Part } from "../parts/Part";
import { useChange } from "../parts/useChange";
import type { Label } from "../rules/queries";
import type { Preview } from "./queries";

/** Trying rules on the history of all leads, before they are active. */
export function StartPreview({ rules }: { rules: Label | { text: string } }) {
  const navigate = useNavigate();
  const start = useChange<Preview>(["previews"]);
  const watch = useChange<Schemas["ShadowView"]>(["challenger"]);
  const begin = () =>
    start.mutate({
      call: () => read(api.POST("/api/rulebooks/preview", { body: rules })),
      said: "The preview is under way.",
      onDone: ({ id }) => void navigate({ to: "/rules/previews/$previewId", params: { previewId: id } }),
    });
  const follow = () =>
    watch.mutate({
      call: () => read(api.PUT("/api/rulebooks/shadow", { body: rules })),
      said: "It follows the active rules for 14 days.",
      onDone: () => void navigate({ to: "/rules" }),
    });
  return (
    <Part title="On the history of all leads">
      <div className="acts">
        <button className="btn" type="button" disabled={start.isPending} onClick={begin}>
          Preview
        </button>
        <button className="btn" type="button" disabled={watch.isPending} onClick={follow}>
          Watch it live
        </button>
        <span className="quiet small">
          Which leads move, which alerts would have fired, and how those leads ended; or beside the active
          rules from now on. Nothing is sent or changed.
        </span>
      </div>
    </Part>
  );
}
