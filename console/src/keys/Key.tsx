import { useKeys } from "./bindings";
import { type Action, keyName } from "./shortcuts";

/** The key of an action, on the button that does the same; nothing while keys are switched off. */
export function Key({ of }: { of: Action }) {
  const { on, bindings } = useKeys();
  return on ? <kbd>{keyName(bindings[of])}</kbd> : null;
}
