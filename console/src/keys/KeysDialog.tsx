import { useEffect, useRef, useState } from "react";
import { chooseKey, switchKeys, useKeys, usualKeys } from "./bindings";
import { ACTIONS, type Action, canBeKey, keyName, SHORTCUTS } from "./shortcuts";

/** All keys; each can be changed, and one switch turns all of them off. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { on, usual } = useKeys();
  const [changing, setChanging] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="keys-title">
      <h2 className="head" id="keys-title">
        All keys
      </h2>
      <dl className="keys">
        {ACTIONS.map((action) => (
          <KeyLine key={action} action={action} changing={changing && action !== "open"} />
        ))}
      </dl>
      <label className="check">
        <input type="checkbox" checked={on} onChange={(event) => switchKeys(event.target.checked)} />
        Single letters act, outside fields
      </label>
      <form method="dialog" className="acts">
        <button className="btn primary" type="submit">
          Close
        </button>
        <button className="btn" type="button" aria-pressed={changing} onClick={() => setChanging(!changing)}>
          Change keys
        </button>
        {!usual && (
          <button className="btn bare" type="button" onClick={usualKeys}>
            Back to the usual keys
          </button>
        )}
      </form>
    </dialog>
  );
}

function KeyLine({ action, changing }: { action: Action; changing: boolean }) {
  const { bindings } = useKeys();
  const { does } = SHORTCUTS[action];
  const shown = keyName(bindings[action]);
  return (
    <div>
      <dt>
        {changing ? (
          <input
            className="key-field"
            aria-label={`Key for: ${does}`}
            value={shown}
            onFocus={(event) => event.target.select()}
            onChange={() => undefined}
            onKeyDown={(event) => {
              if (event.ctrlKey || event.altKey || event.metaKey || !canBeKey(event.key)) return;
              event.preventDefault();
              chooseKey(action, event.key);
            }}
          />
        ) : (
          <kbd>{shown}</kbd>
        )}
      </dt>
      <dd>{does}</dd>
    </div>
  );
}
