/** What the console says: a polite region, an assertive one for failures, and the last change with its undo. */
import { useSyncExternalStore } from "react";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";

interface Notices {
  polite: string;
  assertive: string;
  toast: { text: string; failed: boolean } | null;
  undo: (() => void) | null;
}

const TOAST_MS = 10_000;
let notices: Notices = { polite: "", assertive: "", toast: null, undo: null };
let timer = 0;
let turns = 0;
let shownTurn = 0;
const readers = new Set<() => void>();

function change(next: Partial<Notices>): void {
  notices = { ...notices, ...next };
  for (const reader of readers) reader();
}

function show(text: string, failed: boolean): void {
  clearTimeout(timer);
  change({ toast: { text, failed } });
  timer = window.setTimeout(() => change({ toast: null }), TOAST_MS);
}

/** Say it to those who do not see it. */
export function say(polite: string): void {
  change({ polite });
}

/** The turn of a change that begins now: its answer may come after those of later changes. */
export function beginChange(): number {
  turns += 1;
  return turns;
}

/**
 * Say that a change was made, and how to undo it, for as long as nothing else is done.
 *
 * An answer that comes after that of a later change is said, and does not take the place of what can be undone.
 */
export function done(text: string, undo: (() => void) | null = null, turn = beginChange()): void {
  if (turn < shownTurn) {
    say(text);
    return;
  }
  shownTurn = turn;
  change({ polite: text, undo });
  show(text, false);
}

/** Say that something failed. */
export function failed(text: string): void {
  change({ assertive: text, undo: null });
  show(text, true);
}

function undoLast(): void {
  const { undo } = notices;
  if (!undo) return;
  change({ undo: null, toast: null });
  undo();
}

export function NoticeRegions() {
  const { polite, assertive, toast, undo } = useSyncExternalStore(
    (reader) => {
      readers.add(reader);
      return () => readers.delete(reader);
    },
    () => notices,
  );
  useActions({ undo: undoLast });
  return (
    <>
      <div className="sr" aria-live="polite">
        {polite}
      </div>
      <div className="sr" aria-live="assertive">
        {assertive}
      </div>
      {toast && (
        <aside className={toast.failed ? "toast failed" : "toast"} aria-label="Notice">
          {toast.text}
          {undo && (
            <button className="btn" type="button" onClick={undoLast}>
              Undo <Key of="undo" />
            </button>
          )}
        </aside>
      )}
    </>
  );
}
