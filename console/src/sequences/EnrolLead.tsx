/** Enrolling a lead in the active version of a sequence. */
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { api, Problem, read } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { useChange } from "../parts/useChange";
import { type Enrolment, sequencesQuery } from "./queries";

/** The choice comes after the dialog has opened, where the sequences were not read yet. */
const focus = (choice: HTMLSelectElement | null) => choice?.focus();

export function EnrolLead({ leadId, onClose }: { leadId: string; onClose: () => void }) {
  const id = useId();
  const { data, error } = useQuery(sequencesQuery);
  const enrol = useChange<Enrolment>(["lead", leadId], ["sequences"]);
  const active = data?.items.filter((one) => one.active);
  const none = active?.length === 0;
  const submit = (form: FormData) => {
    const sequence = String(form.get("sequence"));
    enrol.mutate({
      call: () =>
        read(
          api.POST("/api/leads/{lead_id}/enrolments", {
            params: { path: { lead_id: leadId } },
            body: { sequence, why: String(form.get("why")).trim() },
          }),
        ),
      said: `${leadId} is in ${sequence} now.`,
      onDone: onClose,
    });
  };
  return (
    <Dialog
      title={`Enrol ${leadId}`}
      {...(!none && { action: "Enrol" })}
      busy={enrol.isPending || active === undefined}
      onSubmit={submit}
      onClose={onClose}
    >
      {error && !data && <p className="alarm">The sequences did not load.</p>}
      {none && <p className="quiet">No sequence takes leads. An admin activates one under Sequences.</p>}
      {active && !none && (
        <>
          <p className="field">
            <label htmlFor={id}>Sequence</label>
            <select ref={focus} id={id} name="sequence" aria-describedby={`${id}-help`}>
              {active.map((one) => (
                <option key={one.label} value={one.name}>
                  {one.name} {one.version}
                  {one.description && `: ${one.description}`}
                </option>
              ))}
            </select>
            <span className="small faint" id={`${id}-help`}>
              It begins in the next hours in which messages go out, and ends when the lead answers.
            </span>
          </p>
          <Field label="Why, if it helps" name="why" maxLength={500} autoComplete="off" />
        </>
      )}
      {enrol.error && (
        <p className="alarm" role="alert">
          {enrol.error instanceof Problem ? enrol.error.sentence : "The lead was not enrolled."}
        </p>
      )}
    </Dialog>
  );
}
