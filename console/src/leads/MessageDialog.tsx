import { useEffect, useRef } from "react";
import { MessageForm } from "../inbox/MessageForm";
import { Key } from "../keys/Key";

/** A message to the lead, written on its page. */
export function MessageDialog({ leadId, onClose }: { leadId: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    field.current?.focus();
  }, []);
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="message-title">
      <h2 className="head" id="message-title">
        Message to {leadId}
      </h2>
      <MessageForm leadId={leadId} field={field} sent={() => dialog.current?.close()}>
        <button className="btn" type="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
      </MessageForm>
    </dialog>
  );
}

/** The button that opens the form. */
export function MessageButton({ open }: { open: () => void }) {
  return (
    <button className="btn" type="button" onClick={open}>
      Message <Key of="write" />
    </button>
  );
}
