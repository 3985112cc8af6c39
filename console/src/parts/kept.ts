/** Texts that are kept in the session of the browser tab, so that neither Back nor a reload loses what was written. */

const KEY = "lead-engine draft of ";

export function keptText(of: string): string | null {
  return sessionStorage.getItem(KEY + of);
}

/** Keep the text, or forget it (null). A tab whose storage is full keeps it on the page only. */
export function keepText(of: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(KEY + of);
    else sessionStorage.setItem(KEY + of, text);
  } catch {
    // nothing else is lost by it
  }
}
