/** Words for the engine's names: `immediate_outreach` is "Immediate outreach", `email.opened` is "Email opened". */
export function words(name: string): string {
  const text = name.replace(/[_.:-]+/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Two letters for a person: Ada Probe is AP. */
export function initials(name: string): string {
  const parts = name.split(/\s+/).filter(Boolean);
  const letters = parts.length > 1 ? [parts[0], parts[parts.length - 1]] : [parts[0]];
  return letters.map((one) => (one ?? "?").slice(0, 1).toUpperCase()).join("");
}
