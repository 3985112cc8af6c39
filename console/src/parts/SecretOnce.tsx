import { done, failed } from "./notices";

/** A secret that the engine has said and never says again. It lives in the memory of this page only. */
export function SecretOnce({ says, secret, close }: { says: string; secret: string; close: () => void }) {
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => done("Copied."),
      () => failed("The browser does not let this page copy. Select the text instead."),
    );
  return (
    <div className="banner" role="status">
      <p className="strong">{says} It is shown only now.</p>
      <code className="secret">{secret}</code>
      <p className="acts">
        <button className="btn" type="button" onClick={() => void copy()}>
          Copy
        </button>
        <button className="btn bare" type="button" onClick={close}>
          I have it
        </button>
      </p>
    </div>
  );
}
