/** Proving again who one is, where the engine asks for a recent proof: the call that was refused is then made once more. */
import { useMutation } from "@tanstack/react-query";
import type { Middleware } from "openapi-fetch";
import { type FormEvent, useEffect, useRef, useSyncExternalStore } from "react";
import { api, Problem, read } from "./api/client";
import { Field } from "./parts/Field";
import { passkeyCredential, passkeysWork } from "./passkeys";

type Answer = (proved: boolean) => void;

let waiting: Answer[] = [];
const readers = new Set<() => void>();

function change(next: Answer[]): void {
  waiting = next;
  for (const reader of readers) reader();
}

/** Asks the person to prove again who it is; false if the person does not. Calls at the same time share one question. */
function askForProof(): Promise<boolean> {
  return new Promise((resolve) => change([...waiting, resolve]));
}

function answer(proved: boolean): void {
  const answered = waiting;
  change([]);
  for (const resolve of answered) resolve(proved);
}

const copies = new WeakMap<Request, Request>();

/** Makes a call again that was refused for want of a recent proof, once the person has proved who it is. */
export const stepUp: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") copies.set(request, request.clone());
    return request;
  },
  async onResponse({ request, response }) {
    const copy = copies.get(request);
    if (response.status !== 403 || !copy) return response;
    const { code } = (await response
      .clone()
      .json()
      .catch(() => ({}))) as { code?: string };
    if (code !== "proof-needed" || !(await askForProof())) return response;
    return fetch(copy);
  },
};

/** The question, when a call waits for it. */
export function StepUp({ email }: { email: string }) {
  const asked = useSyncExternalStore(
    (reader) => {
      readers.add(reader);
      return () => readers.delete(reader);
    },
    () => waiting.length > 0,
  );
  return asked ? <ProofDialog email={email} /> : null;
}

function ProofDialog({ email }: { email: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const onSuccess = () => answer(true);
  const byPassword = useMutation({
    mutationFn: (password: string) => read(api.POST("/api/session/password", { body: { email, password } })),
    onSuccess,
  });
  const byPasskey = useMutation({
    mutationFn: async () => {
      const options = await read(api.POST("/api/session/passkey/options"));
      const credential = await passkeyCredential(options);
      return read(api.POST("/api/session/passkey", { body: { credential } }));
    },
    onSuccess,
  });
  const error = byPassword.error ?? byPasskey.error;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    byPassword.mutate(String(new FormData(event.currentTarget).get("proof")));
  };
  return (
    <dialog ref={dialog} className="dialog" onClose={() => answer(false)} aria-labelledby="proof-title">
      <h2 className="head" id="proof-title">
        Is it still you?
      </h2>
      <p className="quiet">
        This needs a proof that is not older than ten minutes. Then it goes on by itself.
      </p>
      {error && (
        <p className="banner alarmed" role="alert">
          {error instanceof Problem ? error.sentence : "No passkey was used."}
        </p>
      )}
      <form onSubmit={submit}>
        <input type="hidden" name="email" autoComplete="username" value={email} />
        <Field
          label={`Password of ${email}`}
          name="proof"
          type="password"
          autoComplete="current-password"
          required
          maxLength={200}
        />
        <p className="acts">
          <button className="btn primary" type="submit" disabled={byPassword.isPending}>
            Go on
          </button>
          {passkeysWork() && (
            <button
              className="btn"
              type="button"
              disabled={byPasskey.isPending}
              onClick={() => byPasskey.mutate()}
            >
              Use a passkey
            </button>
          )}
          <button className="btn bare" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}
