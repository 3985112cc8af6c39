import { useQuery } from "@tanstack/react-query";
import { DraftItem } from "./DraftItem";
import { draftsOfLeadQuery } from "./drafts";

/** The drafts to a lead that wait for a decision; nothing where none does. */
export function DraftsOfLead({ leadId }: { leadId: string }) {
  const items = useQuery(draftsOfLeadQuery(leadId)).data?.items ?? [];
  return items.map((one) => <DraftItem key={`${one.id} ${one.revision}`} draft={one} />);
}
