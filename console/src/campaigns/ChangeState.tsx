/** Pausing, resuming and finishing a campaign, each with a reason and what it means. */
import { api, Problem, read } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { useChange } from "../parts/useChange";
import { CAMPAIGNS, type Campaign } from "./queries";

export type Change = "pause" | "resume" | "finish";

const SAID = {
  pause: {
    action: "Pause it",
    done: "is paused.",
    means: "Nobody has their turn, and messages that were planned wait. Sequences that leads are in go on.",
  },
  resume: {
    action: "Let it go on",
    done: "goes on.",
    means: "It goes on where it was paused. Nobody gets anything twice.",
  },
  finish: {
    action: "Finish it",
    done: "is finished.",
    means:
      "For good: nobody has their turn any more, and messages that were planned are withheld. Sequences that leads are in go on.",
  },
} as const;

interface Props {
  campaign: Campaign;
  change: Change;
  onClose: () => void;
}

export function ChangeState({ campaign, change, onClose }: Props) {
  const { action, done, means } = SAID[change];
  const saved = useChange(CAMPAIGNS);
  const submit = (form: FormData) => {
    const path = {
      params: { path: { campaign_id: campaign.id } },
      body: { why: String(form.get("why")).trim() },
    };
    const calls = {
      pause: () => read(api.POST("/api/campaigns/{campaign_id}/pause", path)),
      resume: () => read(api.POST("/api/campaigns/{campaign_id}/resume", path)),
      finish: () => read(api.POST("/api/campaigns/{campaign_id}/finish", path)),
    };
    saved.mutate({ call: calls[change], said: `${campaign.name} ${done}`, onDone: onClose });
  };
  return (
    <Dialog
      title={`${action}: ${campaign.name}`}
      action={action}
      busy={saved.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="quiet">{campaign.state === "draft" ? "The draft is given up, for good." : means}</p>
      <Field label="Why, if it helps" name="why" maxLength={500} autoComplete="off" />
      {saved.error && (
        <p className="alarm" role="alert">
          {saved.error instanceof Problem ? saved.error.sentence : "Nothing was changed."}
        </p>
      )}
    </Dialog>
  );
}
