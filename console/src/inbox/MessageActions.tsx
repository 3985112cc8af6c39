/** What a person decides about a message: try again, give up, or say what became of it. */
import { useState } from "react";
import { api, read } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { useChange } from "../parts/useChange";
import type { Message } from "./queries";
import { choicesOf } from "./status";

export function MessageActions({ message }: { message: Message }) {
  const change = useChange(["inbox"], ["lead", message.leadId]);
  const [discarding, setDiscarding] = useState(false);
  const params = { path: { message_id: message.id } };
  const choices = choicesOf(message);
  const what = <span className="sr"> the message to {message.leadId}</span>;
  const resolve = (found: "sent" | "not-sent", said: string) =>
    change.mutate({
      call: () => read(api.POST("/api/messages/{message_id}/resolve", { params, body: { found } })),
      said,
    });
  if (choices.length === 0) return null;
  return (
    <p className="acts">
      {choices.includes("resolve") && (
        <>
          <button className="btn small" type="button" onClick={() => resolve("sent", "It is taken as sent.")}>
            It went out{what}
          </button>
          <button className="btn small" type="button" onClick={() => resolve("not-sent", "It is sent now.")}>
            It did not: send it{what}
          </button>
        </>
      )}
      {choices.includes("retry") && (
        <button
          className="btn small"
          type="button"
          disabled={change.isPending}
          onClick={() =>
            change.mutate({
              call: () => read(api.POST("/api/messages/{message_id}/retry", { params })),
              said: "It is tried again, unless something still speaks against it.",
            })
          }
        >
          Try again{what}
        </button>
      )}
      {choices.includes("discard") && (
        <button className="btn small" type="button" onClick={() => setDiscarding(true)}>
          Give up{what}
        </button>
      )}
      {discarding && (
        <Dialog
          title="Give up this message?"
          action="Give up"
          busy={change.isPending}
          onClose={() => setDiscarding(false)}
          onSubmit={(form) =>
            change.mutate({
              call: () =>
                read(
                  api.POST("/api/messages/{message_id}/discard", {
                    params,
                    body: { why: String(form.get("why")) },
                  }),
                ),
              said: "It is given up.",
              onDone: () => setDiscarding(false),
            })
          }
        >
          <Field
            label="Why"
            name="why"
            required
            maxLength={500}
            autoComplete="off"
            help="Stored as it is written."
          />
        </Dialog>
      )}
    </p>
  );
}
