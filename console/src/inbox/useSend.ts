/** Sending a message: under a key that this page makes, so another try is no second message, and with seconds to undo. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { api, read } from "../api/client";
import type { paths } from "../api/schema";
import { nowMs } from "../clock";
import { moment } from "../format/time";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { useSession } from "../session";
import type { Message } from "./queries";

type Body = paths["/api/leads/{lead_id}/messages"]["post"]["requestBody"]["content"]["application/json"];

/** What is asked for now goes out so much later, and until then it can be undone. */
const UNDO_MS = 10_000;

interface Said {
  sent: (message: Message) => void;
  undone: () => void;
}

export function useSend(leadId: string, said: Said) {
  const client = useQueryClient();
  const { zone } = useSession().person;
  const last = useRef({ asked: "", key: "", sendAt: "" });
  const again = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["lead", leadId] }),
      client.invalidateQueries({ queryKey: ["inbox", "messages"] }),
    ]);
  const undo = (message: Message) => {
    const params = { path: { message_id: message.id } };
    read(api.POST("/api/messages/{message_id}/discard", { params, body: { why: "undone" } }))
      .then(() => {
        said.undone();
        done("It is not sent.");
        return again();
      })
      .catch(sayFailure("Not undone"));
  };
  return useMutation({
    mutationFn: (asked: Omit<Body, "sendAt"> & { sendAt: Date | null }) => {
      const text = JSON.stringify(asked);
      if (last.current.asked !== text) {
        const at = asked.sendAt ?? new Date(nowMs() + UNDO_MS);
        last.current = { asked: text, key: crypto.randomUUID(), sendAt: at.toISOString() };
      }
      const { key, sendAt } = last.current;
      return read(
        api.POST("/api/leads/{lead_id}/messages", {
          params: { path: { lead_id: leadId } },
          body: { ...asked, sendAt },
          headers: { "Idempotency-Key": key },
        }),
      );
    },
    onSuccess: async (message, { sendAt }) => {
      last.current = { asked: "", key: "", sendAt: "" };
      const when = sendAt ? moment(sendAt, zone, new Date(nowMs())) : "in 10 seconds";
      done(`To ${leadId}: goes out ${when}.`, () => undo(message));
      said.sent(message);
      await again();
    },
    onError: sayFailure("Not sent"),
  });
}
