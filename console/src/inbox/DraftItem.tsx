/** A draft: read, changed where it stands, and approved or rejected. An approval sends what is on the screen and nothing else. */
import { useId, useState } from "react";
import { api, read } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { words } from "../format/words";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { useChange } from "../parts/useChange";
import { useMay, useSession } from "../session";
import { channelName } from "./channels";
import type { Draft } from "./drafts";
import "./inbox.css";

interface Props {
  draft: Draft;
  /** What stands at its head: the lead, where that is not on the screen already. */
  head?: React.ReactNode;
}

export function DraftItem({ draft, head }: Props) {
  const { zone } = useSession().person;
  const may = useMay()("work");
  const id = useId();
  const [changed, setChanged] = useState<{ subject?: string; text?: string; to?: string }>({});
  const [rejecting, setRejecting] = useState(false);
  const change = useChange(["inbox"], ["lead", draft.leadId]);
  const { subject = draft.subject ?? "", text = draft.text ?? "", to = draft.to ?? "" } = changed;
  const isChanged = Object.keys(changed).length > 0;
  const params = { path: { draft_id: draft.id } };
  const save = () =>
    read(
      api.PATCH("/api/drafts/{draft_id}", {
        params,
        body: { subject, text, ...(to === "" ? {} : { to }), revision: draft.revision },
      }),
    );
  const approve = async () => {
    const { revision } = isChanged ? await save() : draft;
    return read(api.POST("/api/drafts/{draft_id}/approve", { params: { ...params, query: { revision } } }));
  };
  return (
    <article className="draft" aria-label={`Draft to ${draft.leadId}`}>
      <div className="entry-head">
        <span className="strong">{head ?? `Draft: ${words(draft.purpose).toLowerCase()}`}</span>
        <span className="quiet">
          {head && `${words(draft.purpose)} `}by {channelName(draft.channel)}, from{" "}
          {draft.origin.model ?? `a ${draft.origin.by}`}
        </span>
        <time className="quiet" dateTime={draft.createdAt}>
          {moment(new Date(draft.createdAt), zone, currentTime())}
        </time>
      </div>
      {draft.origin.notes.map((note) => (
        <p key={note} className="small quiet">
          {note}
        </p>
      ))}
      {draft.channel === "email" && (
        <p className="field">
          <label htmlFor={`${id}-subject`}>Subject</label>
          <input
            id={`${id}-subject`}
            value={subject}
            maxLength={300}
            readOnly={!may}
            onChange={(event) => setChanged({ ...changed, subject: event.target.value })}
          />
        </p>
      )}
      <p className="field">
        <label htmlFor={`${id}-text`}>Text</label>
        <textarea
          id={`${id}-text`}
          rows={Math.min(14, Math.max(4, text.split("\n").length + 1))}
          maxLength={20_000}
          readOnly={!may}
          value={text}
          onChange={(event) => setChanged({ ...changed, text: event.target.value })}
        />
      </p>
      {may && (
        <div className="acts">
          <button
            className="btn primary"
            type="button"
            disabled={change.isPending || text.trim() === ""}
            onClick={() =>
              change.mutate({ call: approve, said: `Approved: it goes out to ${draft.leadId} now.` })
            }
          >
            {isChanged ? "Approve as changed" : "Approve"}
            <span className="sr"> the draft to {draft.leadId}</span>
          </button>
          {isChanged && (
            <button
              className="btn"
              type="button"
              disabled={change.isPending}
              onClick={() =>
                change.mutate({ call: save, said: "The draft is changed.", onDone: () => setChanged({}) })
              }
            >
              Keep for later
            </button>
          )}
          <button className="btn" type="button" onClick={() => setRejecting(true)}>
            Reject<span className="sr"> the draft to {draft.leadId}</span>
          </button>
          <label className="to-field small">
            To{" "}
            <input
              value={to}
              maxLength={320}
              placeholder="the known address"
              onChange={(event) => setChanged({ ...changed, to: event.target.value })}
            />
          </label>
        </div>
      )}
      {rejecting && (
        <Dialog
          title={`Reject the draft to ${draft.leadId}?`}
          action="Reject"
          busy={change.isPending}
          onClose={() => setRejecting(false)}
          onSubmit={(form) =>
            change.mutate({
              call: () =>
                read(
                  api.POST("/api/drafts/{draft_id}/reject", {
                    params,
                    body: { why: String(form.get("why")) },
                  }),
                ),
              said: "Rejected: nothing is sent.",
              onDone: () => setRejecting(false),
            })
          }
        >
          <Field
            label="Why"
            name="why"
            maxLength={500}
            autoComplete="off"
            help="Stored as it is written; may stay empty."
          />
        </Dialog>
      )}
    </article>
  );
}
