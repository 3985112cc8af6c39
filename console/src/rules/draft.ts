/** Drafts of rules: kept in the session of the browser tab, so that neither Back nor a reload loses what was written. */

const KEY = "lead-engine draft of rules from ";

export function keptDraft(from: string): string | null {
  return sessionStorage.getItem(KEY + from);
}

/** Keep the text, or forget it (null). A tab whose storage is full keeps it on the page only. */
export function keepDraft(from: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(KEY + from);
    else sessionStorage.setItem(KEY + from, text);
  } catch {
    // nothing else is lost by it
  }
}

/** The text of a rulebook under another version; unchanged where it has no line with one. */
export function withVersion(yaml: string, version: number): string {
  return yaml.replace(/^version:[ \t]*\d+/m, `version: ${version}`);
}
