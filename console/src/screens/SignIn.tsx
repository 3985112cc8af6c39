/** Signing in: by passkey, by password, or by a recovery code. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, Problem, read } from "../api/client";
import { Field } from "../parts/Field";
import { Heading } from "../parts/Heading";
import { passkeyCredential, passkeysWork } from "../passkeys";
import type { Session } from "../session";
import { sessionQuery } from "../sessionQuery";

const route = getRouteApi("/sign-in");

export function SignIn() {
  const client = useQueryClient();
  const router = useRouter();
  const { next } = route.useSearch();
  const [byCode, setByCode] = useState(false);
  const entered = (session: Session) => {
    client.clear();
    client.setQueryData(sessionQuery.queryKey, session);
    router.history.replace(`/console${next?.startsWith("/") ? next : "/queue"}`);
  };
  const byForm = useMutation({
    mutationFn: (form: FormData) => {
      const email = String(form.get("email"));
      if (byCode) {
        return read(api.POST("/api/session/recovery", { body: { email, code: String(form.get("code")) } }));
      }
      return read(
        api.POST("/api/session/password", { body: { email, password: String(form.get("password")) } }),
      );
    },
    onSuccess: entered,
  });
  const byPasskey = useMutation({
    mutationFn: async () => {
      const options = await read(api.POST("/api/session/passkey/options"));
      const credential = await passkeyCredential(options);
      return read(api.POST("/api/session/passkey", { body: { credential } }));
    },
    onSuccess: entered,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    byForm.mutate(new FormData(event.currentTarget));
  };
  const error = byForm.error ?? byPasskey.error;
  return (
    <main className="gate" id="main">
      <div className="gate-box">
        <p className="brand">Lead engine</p>
        <Heading title="Sign in" className="big" />
        {error && (
          <p className="banner alarmed" role="alert">
            {error instanceof Problem ? error.sentence : "No passkey was used."}
          </p>
        )}
        <form onSubmit={submit}>
          <Field
            label="E-mail"
            name="email"
            type="email"
            autoComplete="username webauthn"
            required
            maxLength={254}
          />
          {byCode ? (
            <Field
              label="Recovery code"
              name="code"
              autoComplete="off"
              required
              maxLength={100}
              help="Each code signs in once."
            />
          ) : (
            <Field
              label="Password"
              name="password"
              type="password"
              autoComplete="current-password"
              required
              maxLength={200}
            />
          )}
          <p className="acts">
            <button className="btn primary" type="submit" disabled={byForm.isPending}>
              Sign in
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
          </p>
        </form>
        <p className="small">
          <button className="plain link" type="button" onClick={() => setByCode(!byCode)}>
            {byCode ? "Use the password" : "Use a recovery code"}
          </button>
        </p>
        <p className="small faint">No account yet? An admin of your workspace invites you.</p>
      </div>
    </main>
  );
}
