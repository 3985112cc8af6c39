/** Activating a rulebook: what happens is said first, and a person confirms it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, Problem, read } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { useChange } from "../parts/useChange";
import type { Label } from "./queries";

interface Props {
  label: Label;
  active: string | undefined;
  /** The rules as text, where they were not published yet. */
  text?: string;
  onClose: () => void;
  onDone: () => void;
}

const leadCountQuery = {
  queryKey: ["lead-counts"],
  queryFn: () => read(api.GET("/api/lead-counts")),
};

export function ActivateDialog({ label, active, text, onClose, onDone }: Props) {
  const client = useQueryClient();
  const counts = useQuery(leadCountQuery);
  const activate = useChange<{ leadsToRebuild: number }>(["rules"], ["ops"]);
  const named = `${label.name}@${label.version}`;
  const body = text === undefined ? label : { text };
  const confirm = () =>
    activate.mutate({
      call: () => read(api.POST("/api/rulebooks/activate", { body })),
      said: `${named} is active now.`,
      onDone: () => {
        onDone();
        // Every score on any screen may be another one now.
        client.invalidateQueries().catch(() => undefined);
      },
    });
  return (
    <Dialog
      title={`Activate ${named}?`}
      action={`Activate ${named}`}
      busy={activate.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <ul className="points">
        <li>
          Every score, stage and next action of {leadsIn(counts.data)} is read by {named} within two seconds,
          instead of {active ?? "the active rules"}.
        </li>
        <li>Leads are rebuilt in the background. Automations do not fire because of it.</li>
        {text !== undefined && (
          <li>{named} is published with it: this name and version never have other rules again.</li>
        )}
        <li>{active ?? "The version before"} stays. Activating it again is the way back.</li>
      </ul>
      {activate.error && (
        <p className="alarm" role="alert">
          {activate.error instanceof Problem ? activate.error.sentence : "It was not activated."}
        </p>
      )}
    </Dialog>
  );
}

function leadsIn(counts: { stages: { count: number; more: boolean }[] } | undefined): string {
  if (!counts) return "all leads";
  const leads = counts.stages.reduce((sum, one) => sum + one.count, 0);
  const more = counts.stages.some((one) => one.more);
  return `${more ? "more than " : ""}${leads.toLocaleString("en-GB")} ${leads === 1 ? "lead" : "leads"}`;
}
