import type { KeyboardEvent } from "react";

/** Enter sends a form from its lists too, and from a text of several lines together with Ctrl or Cmd. */
export function submitByEnter(event: KeyboardEvent<HTMLFormElement>): void {
  if (event.key !== "Enter") return;
  const { target, currentTarget: form } = event;
  const sends =
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLTextAreaElement && (event.ctrlKey || event.metaKey));
  if (!sends) return;
  event.preventDefault();
  form.requestSubmit();
}
