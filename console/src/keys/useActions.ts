import { type RefObject, useLayoutEffect, useRef } from "react";
import { currentKeys } from "./bindings";
import { type Action, actionOf } from "./shortcuts";

type Handlers = Partial<Record<Action, () => void>>;

/** What the components on the screen can do. Two of them must not claim one action at a time. */
const registered = new Set<RefObject<Handlers>>();

/** The actions that do something on this screen, for those who choose them by name. */
export function availableActions(): Map<Action, () => void> {
  const found = new Map<Action, () => void>();
  for (const { current } of registered) {
    for (const [action, handler] of Object.entries(current)) found.set(action as Action, handler);
  }
  return found;
}

function listen(event: KeyboardEvent): void {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const target = event.target instanceof Element ? event.target : null;
  const { on, bindings } = currentKeys();
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
    on,
    bindings,
  );
  const handler = action && availableActions().get(action);
  if (!handler) return;
  event.preventDefault();
  handler();
}

/** Let the handlers act on their keys while the component is shown. */
export function useActions(handlers: Handlers): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  // Before the screen is painted: a key that is pressed as soon as one sees it is not lost.
  useLayoutEffect(() => {
    if (registered.size === 0) window.addEventListener("keydown", listen);
    registered.add(latest);
    return () => {
      registered.delete(latest);
      if (registered.size === 0) window.removeEventListener("keydown", listen);
    };
  }, []);
}
