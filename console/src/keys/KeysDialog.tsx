import { useEffect, useRef } from "react";
import { SHORTCUTS } from "./shortcuts";
import { useKeysEnabled } from "./useActions";

/** All keys, and the switch that turns them off. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [on, choose] = useKeysEnabled();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="keys-title">
      <h2 className="head" id="keys-title">
        All keys
      </h2>
      <dl className="keys">
        {Object.values(SHORTCUTS).map(({ key, does }) => (
          <div key={key}>
            <dt>
              <kbd>{key.length === 1 ? key.toUpperCase() : key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input type="checkbox" checked={on} onChange={(event) => choose(event.target.checked)} />
        Single letters act, outside fields
      </label>
      <form method="dialog" className="acts">
        <button className="btn" type="submit">
          Close
        </button>
      </form>
    </dialog>
  );
}
