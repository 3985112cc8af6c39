/** A note about a lead: an event under an id that this page makes, so another try is no second note. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { api, read } from "../api/client";
import { Key } from "../keys/Key";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { submitByEnter } from "./submitByEnter";
import { useRetract } from "./useRetract";

export function NoteDialog({ leadId, onClose }: { leadId: string; onClose: () => void }) {
  const client = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const [eventId] = useState(() => `note:${crypto.randomUUID()}`);
  const retract = useRetract();
  useEffect(() => dialog.current?.showModal(), []);
  const add = useMutation({
    mutationFn: (note: string) =>
      read(
        api.POST("/api/leads/{lead_id}/notes", {
          params: { path: { lead_id: leadId } },
          body: { eventId, note },
        }),
      ),
    onSuccess: async () => {
      done(`Noted about ${leadId}.`, () => retract(leadId, eventId, "The note is taken back."));
      dialog.current?.close();
      await client.invalidateQueries({ queryKey: ["lead", leadId] });
    },
    onError: sayFailure("Not noted"),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    add.mutate(String(new FormData(event.currentTarget).get("note")));
  };
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="note-title">
      <h2 className="head" id="note-title">
        Note about {leadId}
      </h2>
      <form onSubmit={submit} onKeyDown={submitByEnter}>
        <p className="field">
          <label htmlFor="note-text">Note</label>
          <textarea
            id="note-text"
            name="note"
            rows={5}
            maxLength={10_000}
            required
            aria-describedby="note-help"
          />
          <span className="small faint" id="note-help">
            Stored encrypted, and erased with the person. It moves no score.
          </span>
        </p>
        <p className="acts">
          <button className="btn primary" type="submit" disabled={add.isPending}>
            Save the note
          </button>
          <button className="btn" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}

/** The button that opens the form. */
export function NoteButton({ open }: { open: () => void }) {
  return (
    <button className="btn" type="button" onClick={open}>
      Note <Key of="note" />
    </button>
  );
}
