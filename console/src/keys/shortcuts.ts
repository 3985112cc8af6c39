/** The keyboard map: one key for each action, only outside fields. Each can be changed, and all can be switched off. */

export interface Shortcut {
  key: string;
  does: string;
}

export const SHORTCUTS = {
  next: { key: "j", does: "Next lead" },
  back: { key: "k", does: "Lead before" },
  open: { key: "Enter", does: "Open the marked lead" },
  call: { key: "c", does: "Log a call" },
  write: { key: "m", does: "Write a message" },
  note: { key: "n", does: "Write a note" },
  done: { key: "e", does: "Mark as done" },
  snooze: { key: "s", does: "Snooze" },
  assign: { key: "a", does: "Assign" },
  enrol: { key: "b", does: "Enrol in a sequence" },
  stop: { key: "d", does: "Stop a sequence for the lead" },
  work: { key: "w", does: "Work on the lead, so that others see it" },
  select: { key: "x", does: "Select or unselect the marked lead" },
  filter: { key: "f", does: "Filter" },
  refresh: { key: "r", does: "Bring the list up to date" },
  undo: { key: "z", does: "Undo" },
  commands: { key: "/", does: "Go to a screen, or do something by its name" },
  keys: { key: "?", does: "All keys" },
} as const satisfies Record<string, Shortcut>;

export type Action = keyof typeof SHORTCUTS;
export type Bindings = Readonly<Record<Action, string>>;

export const ACTIONS = Object.keys(SHORTCUTS) as Action[];
export const USUAL = Object.fromEntries(ACTIONS.map((one) => [one, SHORTCUTS[one].key])) as Bindings;

/** The key of an action as it is shown. */
export function keyName(key: string): string {
  return key.length === 1 ? key.toUpperCase() : key;
}

/** Whether a key can be chosen: one sign that is seen, for no browser or reader owns it by itself. Enter stays as it is. */
export function canBeKey(key: string): boolean {
  return [...key].length === 1 && key.trim() !== "";
}

/** The bindings as they were stored, without what cannot be: unknown actions, other keys, and the second use of a key. */
export function bindingsOf(stored: unknown): Bindings {
  const chosen: Record<string, string> = { ...USUAL };
  if (typeof stored !== "object" || stored === null) return USUAL;
  for (const action of ACTIONS) {
    const key = (stored as Record<string, unknown>)[action];
    if (action !== "open" && typeof key === "string" && canBeKey(key)) chosen[action] = key.toLowerCase();
  }
  return new Set(Object.values(chosen)).size === ACTIONS.length ? (chosen as Bindings) : USUAL;
}

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
export function actionOf(press: Press, enabled: boolean, bindings: Bindings = USUAL): Action | null {
  if (!enabled || press.inField || press.isComposing || press.ctrlKey || press.altKey || press.metaKey)
    return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  if (key === "Enter" && press.onControl) return null;
  return ACTIONS.find((action) => bindings[action] === key) ?? null;
}
