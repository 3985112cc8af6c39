/** Giving a lead another owner: shown at once, undone with a reason if it is refused, and undone by Z. */

import { type InfiniteData, type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef } from "react";
import { api, Problem, read, type Schemas } from "../api/client";
import type { Lead } from "../lists/filter";
import { done, failed } from "../parts/notices";
import { usePeople } from "../session";
import { OwnerField } from "./OwnerField";

interface Assignment {
  leadId: string;
  ownerId: string | null;
  before: string | null;
  why: string;
  undoes: boolean;
}

type Pages = InfiniteData<Schemas["LeadsPage"], string | undefined>;

function show(client: QueryClient, leadId: string, ownerId: string | null): void {
  const changed = (lead: Lead): Lead => (lead.leadId === leadId ? { ...lead, ownerId } : lead);
  client.setQueriesData<Pages>(
    { queryKey: ["leads"] },
    (data) =>
      data && { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(changed) })) },
  );
  client.setQueryData<Lead>(["lead", leadId, "summary"], (lead) => lead && changed(lead));
}

/** A lead as far as it is assigned. */
export type Owned = Pick<Lead, "leadId" | "ownerId">;

export function useAssign(): (lead: Owned, ownerId: string | null, why?: string) => void {
  const client = useQueryClient();
  const { nameOf } = usePeople();
  const assign = useMutation({
    mutationFn: ({ leadId, ownerId, why }: Assignment) =>
      read(
        api.PUT("/api/leads/{lead_id}/owner", {
          params: { path: { lead_id: leadId } },
          body: { ownerId, why },
        }),
      ),
    onMutate: ({ leadId, ownerId }) => show(client, leadId, ownerId),
    onSuccess: (_, { leadId, ownerId, before, undoes }) => {
      const back = { leadId, ownerId: before, before: ownerId, why: "undone", undoes: true };
      const text = `${leadId} belongs to ${ownerId === null ? "nobody" : nameOf(ownerId).replace(/^You$/, "you")} now.`;
      done(text, undoes ? null : () => assign.mutate(back));
    },
    onError: (error, { leadId, before }) => {
      show(client, leadId, before);
      failed(`Not assigned: ${error instanceof Problem ? error.sentence : "the page made a mistake."}`);
    },
  });
  return (lead, ownerId, why = "") => {
    if (ownerId === lead.ownerId) return;
    assign.mutate({ leadId: lead.leadId, ownerId, before: lead.ownerId, why, undoes: false });
  };
}

export function AssignDialog({ lead, onClose }: { lead: Owned; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const assign = useAssign();
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const form = new FormData(event.currentTarget);
    assign(lead, String(form.get("owner")) || null, String(form.get("why")));
  };
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="assign-title">
      <h2 className="head" id="assign-title">
        Assign {lead.leadId}
      </h2>
      <form method="dialog" onSubmit={submit}>
        <OwnerField ownerId={lead.ownerId} />
        <p className="field">
          <label htmlFor="assign-why">Why, if it helps</label>
          <input id="assign-why" name="why" maxLength={500} autoComplete="off" />
        </p>
        <p className="acts">
          <button className="btn primary" type="submit">
            Assign
          </button>
          <button className="btn" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}
