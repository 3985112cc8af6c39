/** What can be done with the leads that are selected, and what became of each of them. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import { words } from "../format/words";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";
import { OwnerField } from "../leads/OwnerField";
import { Field } from "../parts/Field";
import { type Change, type Outcome, useBulk } from "./useBulk";

interface Props {
  selected: readonly string[];
  clear: () => void;
}

export function SelectionBar({ selected, clear }: Props) {
  const [dialog, setDialog] = useState<"assign" | "addTag" | "removeTag" | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const bulk = useBulk(setOutcome);
  useActions(selected.length > 0 ? { assign: () => setDialog("assign") } : {});
  return (
    <>
      {selected.length > 0 && (
        <div className="moved selection" role="status">
          <p>
            <strong>{selected.length} selected</strong>
          </p>
          <span className="acts">
            <button className="btn" type="button" onClick={() => setDialog("assign")}>
              Assign <Key of="assign" />
            </button>
            <button className="btn" type="button" onClick={() => setDialog("addTag")}>
              Add a tag
            </button>
            <button className="btn" type="button" onClick={() => setDialog("removeTag")}>
              Remove a tag
            </button>
            <button className="btn" type="button" onClick={clear}>
              Select none
            </button>
          </span>
        </div>
      )}
      {dialog && (
        <BulkDialog
          kind={dialog}
          count={selected.length}
          run={(change) => bulk(selected, change)}
          onClose={() => setDialog(null)}
        />
      )}
      {outcome && <OutcomeDialog outcome={outcome} onClose={() => setOutcome(null)} />}
    </>
  );
}

interface DialogProps {
  kind: "assign" | "addTag" | "removeTag";
  count: number;
  run: (change: Change) => void;
  onClose: () => void;
}

function BulkDialog({ kind, count, run, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const form = new FormData(event.currentTarget);
    const tag = String(form.get("tag") ?? "").trim();
    if (kind === "assign")
      run({ assign: { ownerId: String(form.get("owner")) || null, why: String(form.get("why")) } });
    else run(kind === "addTag" ? { addTag: tag } : { removeTag: tag });
  };
  const name = { assign: "Assign", addTag: "Add a tag to", removeTag: "Remove a tag from" }[kind];
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="bulk-title">
      <h2 className="head" id="bulk-title">
        {name} {count} {count === 1 ? "lead" : "leads"}
      </h2>
      <form method="dialog" onSubmit={submit}>
        {kind === "assign" ? (
          <>
            <OwnerField ownerId={null} />
            <Field label="Why, if it helps" name="why" maxLength={500} autoComplete="off" />
          </>
        ) : (
          <Field label="Tag" name="tag" required maxLength={64} autoComplete="off" />
        )}
        <p className="acts">
          <button className="btn primary" type="submit">
            {kind === "assign" ? "Assign" : kind === "addTag" ? "Add the tag" : "Remove the tag"}
          </button>
          <button className="btn" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}

const BECAME: Record<string, string> = {
  accepted: "changed",
  duplicate: "changed before",
  unchanged: "was so already",
  conflict: "changed otherwise",
  forbidden: "belongs to somebody else",
  "not-found": "is not there",
};

function OutcomeDialog({ outcome: { results }, onClose }: { outcome: Outcome; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const changed = results.filter((one) => one.status === "accepted").length;
  const others = results.filter((one) => one.status !== "accepted");
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="outcome-title">
      <h2 className="head" id="outcome-title">
        {changed} of {results.length} leads changed
      </h2>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Not changed</th>
            <th scope="col">Because it</th>
          </tr>
        </thead>
        <tbody>
          {others.map((one) => (
            <tr key={one.leadId}>
              <th scope="row">{one.leadId}</th>
              <td>{BECAME[one.status] ?? words(one.status)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <form method="dialog" className="acts">
        <button className="btn primary" type="submit">
          Close
        </button>
      </form>
    </dialog>
  );
}
