/** The keys as they were chosen in this browser: which one each action has, and whether they act at all. */
import { useSyncExternalStore } from "react";
import { type Action, type Bindings, bindingsOf, USUAL } from "./shortcuts";

const SWITCH = "lead-engine single-letter keys";
const CHOSEN = "lead-engine keys";
const readers = new Set<() => void>();

interface Keys {
  on: boolean;
  bindings: Bindings;
}

let keys: Keys | null = null;

function read(): Keys {
  let stored: unknown = null;
  try {
    stored = JSON.parse(localStorage.getItem(CHOSEN) ?? "null");
  } catch {
    // not ours: the usual keys
  }
  return { on: localStorage.getItem(SWITCH) !== "off", bindings: bindingsOf(stored) };
}

export function currentKeys(): Keys {
  keys ??= read();
  return keys;
}

function changed(): void {
  keys = read();
  for (const reader of readers) reader();
}

/** Let single letters act, or not. */
export function switchKeys(on: boolean): void {
  localStorage.setItem(SWITCH, on ? "on" : "off");
  changed();
}

/** Give an action another key; the action that has it so far takes the old one, so no key is lost. */
export function chooseKey(action: Action, key: string): void {
  const { bindings } = currentKeys();
  const other = (Object.keys(bindings) as Action[]).find((one) => bindings[one] === key.toLowerCase());
  const next = { ...bindings, [action]: key.toLowerCase(), ...(other && { [other]: bindings[action] }) };
  localStorage.setItem(CHOSEN, JSON.stringify(next));
  changed();
}

/** The keys that everybody begins with. */
export function usualKeys(): void {
  localStorage.removeItem(CHOSEN);
  changed();
}

export function useKeys(): Keys & { usual: boolean } {
  const found = useSyncExternalStore((reader) => {
    readers.add(reader);
    return () => readers.delete(reader);
  }, currentKeys);
  const usual = (Object.keys(USUAL) as Action[]).every((one) => found.bindings[one] === USUAL[one]);
  return { ...found, usual };
}
