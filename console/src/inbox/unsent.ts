/** Texts that are written and not sent yet, in the memory of this page only: nothing of a lead is stored in the browser. */

export interface Unsent {
  channel?: string;
  to?: string;
  subject?: string;
  text?: string;
}

const unsent = new Map<string, Unsent>();

export function unsentOf(leadId: string): Unsent {
  return unsent.get(leadId) ?? {};
}

export function keepUnsent(leadId: string, text: Unsent | null): void {
  if (text === null) unsent.delete(leadId);
  else unsent.set(leadId, text);
}
