import { useEffect, useRef, useSyncExternalStore } from "react";
import { type Action, actionOf } from "./shortcuts";

const SETTING = "lead-engine single-letter keys";
const readers = new Set<() => void>();

function enabled(): boolean {
  return localStorage.getItem(SETTING) !== "off";
}

/** Whether single letters act, as chosen in this browser, and the function that chooses. */
export function useKeysEnabled(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore((reader) => {
    readers.add(reader);
    return () => readers.delete(reader);
  }, enabled);
  const choose = (next: boolean) => {
    localStorage.setItem(SETTING, next ? "on" : "off");
    for (const reader of readers) reader();
  };
  return [on, choose];
}

/** Let the handlers act on their keys while the component is shown. */
export function useActions(handlers: Partial<Record<Action, () => void>>): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const target = event.target instanceof Element ? event.target : null;
      const action = actionOf(
        {
          key: event.key,
          ctrlKey: event.ctrlKey,
          altKey: event.altKey,
          metaKey: event.metaKey,
          isComposing: event.isComposing,
          inField: target?.closest("input:not([type=checkbox]), select, textarea, [contenteditable]") != null,
          onControl: target?.closest("a, button, summary, input") != null,
        },
        enabled(),
      );
      const handler = action && latest.current[action];
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
