/** Ending a sequence for a lead by hand, with a reason. */
import { useId } from "react";
import { api, read } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { useChange } from "../parts/useChange";
import type { Enrolment } from "./queries";

interface Props {
  leadId: string;
  /** Those that go on; undefined while they are read. */
  enrolments: Enrolment[] | undefined;
  onClose: () => void;
}

export function StopSequence({ leadId, enrolments, onClose }: Props) {
  const stop = useChange<Enrolment>(["lead", leadId], ["sequences"]);
  const submit = (form: FormData) => {
    const enrolmentId = String(form.get("enrolment"));
    const sequence = enrolments?.find((one) => one.enrolmentId === enrolmentId)?.sequence ?? "The sequence";
    stop.mutate({
      call: () =>
        read(
          api.POST("/api/enrolments/{enrolment_id}/stop", {
            params: { path: { enrolment_id: enrolmentId } },
            body: { why: String(form.get("why")).trim() },
          }),
        ),
      said: `${sequence} is stopped for ${leadId}. What waited to be sent is withheld.`,
      onDone: onClose,
    });
  };
  const none = enrolments?.length === 0;
  return (
    <Dialog
      title={`Stop a sequence for ${leadId}`}
      {...(!none && { action: "Stop it" })}
      busy={stop.isPending || enrolments === undefined}
      onSubmit={submit}
      onClose={onClose}
    >
      {enrolments === undefined && <p className="quiet">Reading what the lead is in</p>}
      {none && <p className="quiet">The lead is in no sequence.</p>}
      {enrolments && !none && (
        <>
          <Which enrolments={enrolments} />
          <Field label="Why, if it helps" name="why" maxLength={500} autoComplete="off" />
        </>
      )}
    </Dialog>
  );
}

function Which({ enrolments }: { enrolments: Enrolment[] }) {
  const id = useId();
  const [only] = enrolments;
  if (enrolments.length === 1 && only) {
    return (
      <>
        <p className="quiet">
          {only.sequence} ends now. Messages of it that wait to be sent are withheld; nothing of it comes
          later.
        </p>
        <input type="hidden" name="enrolment" value={only.enrolmentId} />
      </>
    );
  }
  return (
    <p className="field">
      <label htmlFor={id}>Sequence</label>
      <select id={id} name="enrolment">
        {enrolments.map((one) => (
          <option key={one.enrolmentId} value={one.enrolmentId}>
            {one.sequence}
          </option>
        ))}
      </select>
    </p>
  );
}
