import { useState } from "react";
import { api, read } from "../api/client";
import { words } from "../format/words";
import { Dialog } from "../parts/Dialog";
import { useChange } from "../parts/useChange";

const PURPOSES = ["reply", "follow-up", "introduction", "meeting", "re-engagement"] as const;
type Purpose = (typeof PURPOSES)[number];

/** Asks for a draft to a lead. It is sent by nobody until somebody approves it. */
export function AskForDraft({ leadId, purpose = "follow-up" }: { leadId: string; purpose?: Purpose }) {
  const [open, setOpen] = useState(false);
  const ask = useChange(["inbox", "drafts"], ["lead", leadId, "drafts"]);
  return (
    <>
      <button className="btn small" type="button" onClick={() => setOpen(true)}>
        Ask for a draft
      </button>
      {open && (
        <Dialog
          title={`Draft to ${leadId}`}
          action="Ask for it"
          busy={ask.isPending}
          onClose={() => setOpen(false)}
          onSubmit={(form) =>
            ask.mutate({
              call: () =>
                read(
                  api.POST("/api/leads/{lead_id}/drafts", {
                    params: { path: { lead_id: leadId } },
                    body: {
                      purpose: String(form.get("purpose")) as Purpose,
                      channel: String(form.get("channel")),
                      instructions: String(form.get("instructions")),
                    },
                  }),
                ),
              said: "The draft is there. Nobody gets it until it is approved.",
              onDone: () => setOpen(false),
            })
          }
        >
          <div className="row-form">
            <p className="field">
              <label htmlFor="draft-purpose">For</label>
              <select id="draft-purpose" name="purpose" defaultValue={purpose}>
                {PURPOSES.map((one) => (
                  <option key={one} value={one}>
                    {words(one)}
                  </option>
                ))}
              </select>
            </p>
            <p className="field">
              <label htmlFor="draft-channel">By</label>
              <select id="draft-channel" name="channel">
                <option value="email">E-mail</option>
                <option value="whatsapp">WhatsApp</option>
                <option value="linkedin">LinkedIn</option>
              </select>
            </p>
          </div>
          <p className="field">
            <label htmlFor="draft-instructions">What it should say</label>
            <textarea
              id="draft-instructions"
              name="instructions"
              rows={2}
              maxLength={2000}
              aria-describedby="draft-help"
            />
            <span className="small faint" id="draft-help">
              May stay empty. Only a language model follows it; a template says that it did not.
            </span>
          </p>
        </Dialog>
      )}
    </>
  );
}
