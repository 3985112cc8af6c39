/** The words of each message of a sequence, found in its document by the name of the step. Pure. */

export interface Wording {
  /** The name of the variant; empty where the step has one wording. */
  name: string;
  subject: string;
  text: string;
  /** The name of an approved template, in place of a text. */
  template: string;
}

interface Step {
  id?: string;
  send?: string;
  subject?: string;
  text?: string;
  template?: string;
  variants?: (Partial<Wording> & { name: string })[];
  then?: Step[];
  otherwise?: Step[];
  branch?: { then: Step[] }[];
}

/** Wordings by what their step is called: its id, else its place, such as `2.then.1`. */
export function messagesOf(document: Record<string, unknown>): Map<string, Wording[]> {
  const found = new Map<string, Wording[]>();
  walk((document.steps ?? []) as Step[], "", found);
  return found;
}

function walk(steps: Step[], within: string, found: Map<string, Wording[]>): void {
  for (const [index, step] of steps.entries()) {
    const place = `${within}${index + 1}`;
    if (step.send) found.set(step.id ?? place, wordings(step));
    walk(step.then ?? [], `${place}.then.`, found);
    for (const [number, one] of (step.branch ?? []).entries()) {
      walk(one.then, `${place}.branch.${number + 1}.then.`, found);
    }
    walk(step.otherwise ?? [], `${place}.otherwise.`, found);
  }
}

function wordings({ subject = "", text = "", template = "", variants }: Step): Wording[] {
  if (!variants) return [{ name: "", subject, text, template }];
  return variants.map((one) => ({
    name: one.name,
    subject: one.subject || subject,
    text: one.text ?? "",
    template: one.template ?? "",
  }));
}
