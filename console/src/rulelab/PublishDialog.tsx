/** Publishing what was previewed: what happens is said first, the note goes into the audit log. */
import { useQueryClient } from "@tanstack/react-query";
import { api, read } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { useChange } from "../parts/useChange";
import type { Preview } from "./queries";

interface Props {
  preview: Preview;
  onClose: () => void;
  onDone: () => void;
}

export function PublishDialog({ preview, onClose, onDone }: Props) {
  const client = useQueryClient();
  const publish = useChange(["rules"], ["previews"], ["ops"]);
  const submit = (form: FormData) =>
    publish.mutate({
      call: () =>
        read(
          api.POST("/api/rulebooks/publish", {
            body: { preview: preview.id, expect: preview.digest, note: String(form.get("note") ?? "") },
          }),
        ),
      said: `${preview.label} is active now.`,
      onDone: () => {
        onDone();
        // Every score on any screen may be another one now.
        client.invalidateQueries().catch(() => undefined);
      },
    });
  return (
    <Dialog
      title={`Publish ${preview.label}?`}
      action={`Publish ${preview.label}`}
      busy={publish.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <ul className="points">
        <li>
          Every score, stage and next action is read by {preview.label} within two seconds, instead of{" "}
          {preview.before}.
        </li>
        <li>Leads are rebuilt in the background. Automations do not fire because of it.</li>
        <li>{preview.before} stays: rolling back on the screen of the rules is the way back.</li>
      </ul>
      <Field
        label="Why this change"
        name="note"
        maxLength={500}
        autoComplete="off"
        help="For the audit log."
      />
    </Dialog>
  );
}
