import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react";

interface Props {
  title: string;
  onClose: () => void;
  /** The word on the button that does it; without it there is only Close. */
  action?: string;
  busy?: boolean;
  onSubmit?: (form: FormData) => void;
  children: ReactNode;
}

/** A modal dialog with a form: one button that does it, one that does not. Escape closes it. */
export function Dialog({ title, onClose, action, busy = false, onSubmit, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit?.(new FormData(event.currentTarget));
  };
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby={id}>
      <h2 className="head" id={id}>
        {title}
      </h2>
      <form onSubmit={submit}>
        {children}
        <p className="acts">
          {action && (
            <button className="btn primary" type="submit" disabled={busy}>
              {action}
            </button>
          )}
          <button className="btn" type="button" onClick={() => dialog.current?.close()}>
            {action ? "Cancel" : "Close"}
          </button>
        </p>
      </form>
    </dialog>
  );
}
