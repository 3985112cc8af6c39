/** The keyboard map: one letter for each action, only outside fields, and all of them can be switched off. */

export interface Shortcut {
  key: string;
  does: string;
}

export const SHORTCUTS = {
  next: { key: "j", does: "Next lead" },
  back: { key: "k", does: "Lead before" },
  open: { key: "Enter", does: "Open the marked lead" },
  assign: { key: "a", does: "Assign" },
  call: { key: "c", does: "Log a call" },
  done: { key: "e", does: "Mark the task as done" },
  filter: { key: "f", does: "Filter" },
  refresh: { key: "r", does: "Bring the list up to date" },
  undo: { key: "z", does: "Undo" },
  keys: { key: "?", does: "All keys" },
} as const satisfies Record<string, Shortcut>;

export type Action = keyof typeof SHORTCUTS;

export interface Press {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  isComposing: boolean;
  /** The element has the key for itself: a field, or a button for Enter. */
  inField: boolean;
  onControl: boolean;
}

/** The action of a key press, or null: browsers and assistive technology own every combination with a modifier. */
export function actionOf(press: Press, enabled: boolean): Action | null {
  if (!enabled || press.inField || press.isComposing || press.ctrlKey || press.altKey || press.metaKey)
    return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  if (key === "Enter" && press.onControl) return null;
  for (const [action, shortcut] of Object.entries(SHORTCUTS)) {
    if (shortcut.key === key) return action as Action;
  }
  return null;
}
