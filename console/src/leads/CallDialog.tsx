/** Logging a call: what came of it, appended as an event under an id that this page makes, so another try is no second call. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { api, read } from "../api/client";
import type { paths } from "../api/schema";
import { words } from "../format/words";
import { Field } from "../parts/Field";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { submitByEnter } from "./submitByEnter";
import { useRetract } from "./useRetract";

type Body = paths["/api/leads/{lead_id}/calls"]["post"]["requestBody"]["content"]["application/json"];
type Outcome = Body["outcome"];

const REACHED: Outcome[] = ["connected", "meeting-booked", "callback", "not-interested"];
const NOT_REACHED: Outcome[] = ["no-answer", "voicemail", "busy", "wrong-number"];

interface Props {
  leadId: string;
  onClose: () => void;
  onLogged?: () => void;
}

export function CallDialog({ leadId, onClose, onLogged }: Props) {
  const client = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const [eventId] = useState(() => `call:${crypto.randomUUID()}`);
  const retract = useRetract();
  useEffect(() => dialog.current?.showModal(), []);
  const log = useMutation({
    mutationFn: (body: Body) =>
      read(api.POST("/api/leads/{lead_id}/calls", { params: { path: { lead_id: leadId } }, body })),
    onSuccess: async (_, { outcome }) => {
      done(`Call with ${leadId}: ${words(outcome).toLowerCase()}.`, () =>
        retract(leadId, eventId, "The call is taken back."),
      );
      dialog.current?.close();
      onLogged?.();
      await client.invalidateQueries({ queryKey: ["lead", leadId] });
    },
    onError: sayFailure("Not logged"),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const minutes = String(form.get("minutes"));
    log.mutate({
      eventId,
      outcome: String(form.get("outcome")) as Outcome,
      minutes: minutes === "" ? null : Number(minutes),
      note: String(form.get("note")),
    });
  };
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="call-title">
      <h2 className="head" id="call-title">
        Call with {leadId}
      </h2>
      <form onSubmit={submit} onKeyDown={submitByEnter}>
        <p className="field">
          <label htmlFor="call-outcome">What came of it</label>
          <select id="call-outcome" name="outcome">
            <optgroup label="Reached">
              {REACHED.map((one) => (
                <option key={one} value={one}>
                  {words(one)}
                </option>
              ))}
            </optgroup>
            <optgroup label="Not reached">
              {NOT_REACHED.map((one) => (
                <option key={one} value={one}>
                  {words(one)}
                </option>
              ))}
            </optgroup>
          </select>
        </p>
        <Field
          label="Minutes, if it helps"
          name="minutes"
          type="number"
          min={0}
          max={1440}
          inputMode="numeric"
        />
        <p className="field">
          <label htmlFor="call-note">Note</label>
          <textarea
            id="call-note"
            name="note"
            rows={3}
            maxLength={10_000}
            autoComplete="off"
            aria-describedby="call-note-help"
          />
          <span className="small faint" id="call-note-help">
            Stored encrypted, and erased with the person.
          </span>
        </p>
        <p className="acts">
          <button className="btn primary" type="submit" disabled={log.isPending}>
            Log the call
          </button>
          <button className="btn" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}
