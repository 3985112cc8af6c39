/** The question which of two leads survives, and why the two are one person. */
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { type Merged, useMerge } from "./useMerge";

interface Props {
  /** The two leads; the first is proposed as the one that survives. */
  leadIds: readonly [string, string];
  onMerged?: (merged: Merged) => void;
  onClose: () => void;
}

export function MergeDialog({ leadIds, onMerged, onClose }: Props) {
  const merge = useMerge((merged) => {
    onMerged?.(merged);
    onClose();
  });
  const submit = (form: FormData) => {
    const into = String(form.get("into"));
    const leadId = leadIds.find((one) => one !== into) ?? leadIds[1];
    merge.mutate({ leadId, into, why: String(form.get("why")).trim() });
  };
  return (
    <Dialog
      title="Merge the two leads?"
      action="Merge them"
      busy={merge.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <fieldset className="checks">
        <legend>The lead that survives</legend>
        {leadIds.map((one, index) => (
          <label key={one} className="check anywhere">
            <input type="radio" name="into" value={one} defaultChecked={index === 0} />
            {one}
          </label>
        ))}
      </fieldset>
      <Field label="Why they are one person" name="why" required maxLength={500} autoComplete="off" />
      <p className="small quiet">
        The score is folded from the events of both. It can be undone at any time, and then both are as if
        this had never been.
      </p>
    </Dialog>
  );
}
