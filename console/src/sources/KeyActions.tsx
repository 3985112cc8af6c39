/** A new write key for a source, shown once, and the end of the source. */
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { SecretOnce } from "../parts/SecretOnce";
import { useChange } from "../parts/useChange";
import { SOURCES } from "./queries";

type SourceView = Schemas["SourceView"];
type Issued = Schemas["IssuedKeyView"];

export function KeyActions({ source, edit }: { source: SourceView; edit: () => void }) {
  const [asking, setAsking] = useState<"key" | "delete" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      {secret !== null && (
        <SecretOnce
          says={`The new write key of ${source.name}.`}
          secret={secret}
          close={() => setSecret(null)}
        />
      )}
      <p className="acts">
        <button className="btn" type="button" onClick={edit}>
          Change the mapping
        </button>
        <button className="btn" type="button" onClick={() => setAsking("key")}>
          New write key
        </button>
        <button className="btn" type="button" onClick={() => setAsking("delete")}>
          Delete
        </button>
      </p>
      {asking === "key" && <KeyDialog source={source} onIssued={setSecret} onClose={() => setAsking(null)} />}
      {asking === "delete" && <DeleteDialog source={source} onClose={() => setAsking(null)} />}
    </>
  );
}

interface KeyProps {
  source: SourceView;
  onIssued: (secret: string) => void;
  onClose: () => void;
}

function KeyDialog({ source, onIssued, onClose }: KeyProps) {
  const rotate = useChange<Issued>(SOURCES, ["ops", "keys"]);
  const submit = (form: FormData) =>
    rotate.mutate({
      call: () =>
        read(
          api.POST("/api/keys/{key_id}/rotate", {
            params: { path: { key_id: source.keyId } },
            body: { overlapHours: Number(form.get("hours")) },
          }),
        ),
      said: `${source.name} has a new write key.`,
      onDone: (issued) => {
        onIssued(issued.key);
        onClose();
      },
    });
  return (
    <Dialog
      title={`A new write key for ${source.name}`}
      action="Make it"
      busy={rotate.isPending}
      onSubmit={submit}
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

function DeleteDialog({ source, onClose }: { source: SourceView; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useChange(SOURCES);
  const submit = () =>
    remove.mutate({
      call: () =>
        read(api.DELETE("/api/sources/{source_id}", { params: { path: { source_id: source.id } } })),
      said: `${source.name} is deleted. Its events stay.`,
      onDone: () => void navigate({ to: "/ops/sources", replace: true }),
    });
  return (
    <Dialog
      title={`Delete ${source.name}?`}
      action="Delete it"
      busy={remove.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="quiet">
        Its write key is revoked, and what was rejected of it is removed. Events that were taken stay.
      </p>
    </Dialog>
  );
}
