/** Accepting an invitation: the token stands after # in the address, which browsers send to no server. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, Problem, read } from "../api/client";
import { Field } from "../parts/Field";
import { Heading } from "../parts/Heading";
import { Loading } from "../parts/states";
import { sessionQuery } from "../sessionQuery";

/** An unknown token may have been right once; what the engine says about it is for programs. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Problem)) return "The invitation did not open.";
  return error.status === 404 ? "This invitation was used, has expired or was withdrawn." : error.sentence;
}

export function Join() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [token] = useState(() => window.location.hash.slice(1));
  const invite = useQuery({
    queryKey: ["invite", token],
    queryFn: () => read(api.POST("/api/invites/open", { body: { token } })),
    enabled: token !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const accept = useMutation({
    mutationFn: (form: FormData) => {
      const text = (name: string) => String(form.get(name) ?? "");
      const email = invite.data?.email ? undefined : text("email");
      const body = { token, name: text("name"), password: text("password"), ...(email ? { email } : {}) };
      return read(api.POST("/api/invites/accept", { body }));
    },
    onSuccess: async (session) => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: "/queue", hash: "", replace: true });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    accept.mutate(new FormData(event.currentTarget));
  };
  const error =
    token === "" ? new Problem(0, { detail: "This address has no invitation in it." }) : invite.error;
  return (
    <main className="gate" id="main">
      <div className="gate-box">
        <p className="brand">Lead engine</p>
        <Heading title="Join" className="big">
          {invite.data ? `Join as ${invite.data.role}` : "Join"}
        </Heading>
        {error && (
          <>
            <p className="banner alarmed" role="alert">
              {sentenceOf(error)}
            </p>
            <p className="quiet">
              An invitation is good once and for a limited time. Ask for another one, or{" "}
              <Link className="link" to="/sign-in">
                sign in
              </Link>
              .
            </p>
          </>
        )}
        {invite.isLoading && <Loading what="the invitation" rows={3} />}
        {accept.error && (
          <p className="banner alarmed" role="alert">
            {accept.error instanceof Problem ? accept.error.sentence : "Nothing was saved."}
          </p>
        )}
        {invite.data && (
          <form onSubmit={submit}>
            <Field
              label="E-mail"
              name="email"
              type="email"
              autoComplete="username"
              required
              maxLength={254}
              defaultValue={invite.data.email}
              readOnly={invite.data.email !== ""}
            />
            <Field label="Name" name="name" autoComplete="name" required maxLength={100} />
            <Field
              label="Password"
              name="password"
              type="password"
              autoComplete="new-password"
              required
              minLength={12}
              maxLength={200}
              help="At least 12 characters; four words are better than one with signs."
            />
            <p className="acts">
              <button className="btn primary" type="submit" disabled={accept.isPending}>
                Join
              </button>
            </p>
          </form>
        )}
      </div>
    </main>
  );
}
