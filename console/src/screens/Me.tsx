/** The signed-in person: profile, absence, keys of the keyboard, proofs, and devices. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, Problem, read, type Schemas } from "../api/client";
import { currentTime } from "../clock";
import { deviceName } from "../format/device";
import { cityOf, day, since } from "../format/time";
import { instantOf } from "../format/zoned";
import { switchKeys, useKeys } from "../keys/bindings";
import { KeysDialog } from "../keys/KeysDialog";
import { Field } from "../parts/Field";
import { Heading } from "../parts/Heading";
import { done, failed } from "../parts/notices";
import { Failure, Loading } from "../parts/states";
import { newPasskey, passkeysWork } from "../passkeys";
import { sessionQuery } from "../sessionQuery";

type MyAccount = Schemas["MeView"];

export function Me() {
  const me = useQuery({ queryKey: ["me"], queryFn: () => read(api.GET("/api/me")) });
  return (
    <main id="main">
      <div className="top">
        <Heading title="You" />
        <p className="end">
          <SignOut />
        </p>
      </div>
      <div className="wrap">
        {me.error && !me.data && (
          <Failure what="Your account" error={me.error} retry={() => void me.refetch()} />
        )}
        {me.isPending && !me.error && <Loading what="your account" />}
        {me.data && (
          <>
            <Profile me={me.data} />
            <Absence me={me.data} />
            <Keys />
            <Proofs me={me.data} />
            <Devices zone={me.data.zone} />
          </>
        )}
      </div>
    </main>
  );
}

const explain = (error: unknown) =>
  failed(error instanceof Problem ? error.sentence : "Nothing was changed.");

function useMyChange<T>(call: (value: T) => Promise<MyAccount>, said: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: call,
    onSuccess: async (me) => {
      client.setQueryData(["me"], me);
      done(said);
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
    onError: explain,
  });
}

function SignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: () => read(api.DELETE("/api/session")),
    onSuccess: async () => {
      await navigate({ to: "/sign-in" });
      client.clear();
    },
    onError: explain,
  });
  return (
    <button className="btn" type="button" onClick={() => leave.mutate()}>
      Sign out
    </button>
  );
}

function Profile({ me }: { me: MyAccount }) {
  const zones = Intl.supportedValuesOf("timeZone");
  const save = useMyChange(
    (form: FormData) =>
      read(
        api.PATCH("/api/me", { body: { name: String(form.get("name")), zone: String(form.get("zone")) } }),
      ),
    "Saved.",
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  return (
    <section className="part" aria-labelledby="profile-title">
      <h2 className="head" id="profile-title">
        Profile
      </h2>
      <p className="quiet">
        {me.email}, {me.role}
        {me.team && ` in ${me.team}`}
      </p>
      <form className="row-form" onSubmit={submit}>
        <Field label="Name" name="name" defaultValue={me.name} required maxLength={100} autoComplete="name" />
        <p className="field">
          <label htmlFor="zone">Time zone</label>
          <select id="zone" name="zone" defaultValue={me.zone}>
            {[...new Set([me.zone, "UTC", ...zones])].map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
          </select>
        </p>
        <button className="btn" type="submit" disabled={save.isPending}>
          Save
        </button>
      </form>
    </section>
  );
}

function Absence({ me }: { me: MyAccount }) {
  const away = me.awayUntil !== null && new Date(me.awayUntil) > currentTime();
  const set = useMyChange(
    (until: string | null) => read(api.PUT("/api/me/absence", { body: { until } })),
    "Saved. Routing follows it at once.",
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const [date, time] = String(new FormData(event.currentTarget).get("until")).split("T");
    if (date && time) set.mutate(instantOf(date, time, me.zone).toISOString());
  };
  return (
    <section className="part" aria-labelledby="absence-title">
      <h2 className="head" id="absence-title">
        Absence
      </h2>
      {away && me.awayUntil ? (
        <p>
          You are away until {day(new Date(me.awayUntil), me.zone, currentTime())}; no leads come to you.{" "}
          <button className="btn" type="button" onClick={() => set.mutate(null)}>
            I am back
          </button>
        </p>
      ) : (
        <form className="row-form" onSubmit={submit}>
          <Field
            label="Away until"
            name="until"
            type="datetime-local"
            required
            help={`${cityOf(me.zone)} time. No leads are routed to you until then.`}
          />
          <button className="btn" type="submit">
            Be away
          </button>
        </form>
      )}
    </section>
  );
}

function Keys() {
  const { on } = useKeys();
  const [open, setOpen] = useState(false);
  return (
    <section className="part" aria-labelledby="keyboard-title">
      <h2 className="head" id="keyboard-title">
        Keyboard
      </h2>
      <label className="check">
        <input type="checkbox" checked={on} onChange={(event) => switchKeys(event.target.checked)} />
        Single letters act, outside fields, in this browser
      </label>
      <p>
        <button className="btn" type="button" onClick={() => setOpen(true)}>
          See and change the keys
        </button>
      </p>
      {open && <KeysDialog onClose={() => setOpen(false)} />}
    </section>
  );
}

function Proofs({ me }: { me: MyAccount }) {
  const [codes, setCodes] = useState<string[]>([]);
  const add = useMyChange(async (name: string) => {
    const options = await read(api.POST("/api/me/passkeys/options"));
    const credential = await newPasskey(options);
    return read(api.POST("/api/me/passkeys", { body: { name, credential } }));
  }, "The passkey is added.");
  const remove = useMyChange(
    (id: string) =>
      read(api.DELETE("/api/me/passkeys/{passkey_id}", { params: { path: { passkey_id: id } } })),
    "The passkey is removed.",
  );
  const password = useMyChange(
    (form: FormData) =>
      read(
        api.PUT("/api/me/password", {
          body: { password: String(form.get("password")), current: String(form.get("current")) || null },
        }),
      ),
    "The password is changed; all other sessions have ended.",
  );
  const renew = useMutation({
    mutationFn: () => read(api.POST("/api/me/recovery-codes")),
    onSuccess: (answer) => setCodes(answer.codes),
    onError: explain,
  });
  return (
    <section className="part" aria-labelledby="proofs-title">
      <h2 className="head" id="proofs-title">
        How you sign in
      </h2>
      <ul className="tasks lined">
        {me.passkeys.map((one) => (
          <li key={one.id} className="line-item">
            <span>
              Passkey {one.name}{" "}
              <span className="faint">
                {one.lastUsedAt ? `used ${since(new Date(one.lastUsedAt), currentTime())}` : "never used"}
              </span>
            </span>
            <button className="btn small" type="button" onClick={() => remove.mutate(one.id)}>
              Remove<span className="sr"> {one.name}</span>
            </button>
          </li>
        ))}
      </ul>
      {passkeysWork() && (
        <form
          className="row-form"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate(String(new FormData(event.currentTarget).get("passkey")));
          }}
        >
          <Field
            label="New passkey"
            name="passkey"
            required
            maxLength={100}
            placeholder="laptop"
            autoComplete="off"
          />
          <button className="btn" type="submit" disabled={add.isPending}>
            Add a passkey
          </button>
        </form>
      )}
      <form
        className="row-form"
        onSubmit={(event) => {
          event.preventDefault();
          password.mutate(new FormData(event.currentTarget));
        }}
      >
        <Field
          label="Present password"
          name="current"
          type="password"
          autoComplete="current-password"
          maxLength={200}
        />
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={12}
          maxLength={200}
        />
        <button className="btn" type="submit" disabled={password.isPending}>
          Change the password
        </button>
      </form>
      <p>
        {me.recoveryCodesLeft} recovery codes are left.{" "}
        <button className="btn" type="button" onClick={() => renew.mutate()}>
          New recovery codes
        </button>
      </p>
      {codes.length > 0 && (
        <div className="banner" role="status">
          <p>Keep these; they are shown only now, and each signs in once.</p>
          <ul className="codes">
            {codes.map((code) => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function Devices({ zone }: { zone: string }) {
  const client = useQueryClient();
  const devices = useQuery({ queryKey: ["devices"], queryFn: () => read(api.GET("/api/me/sessions")) });
  const end = useMutation({
    mutationFn: (id: string) =>
      read(api.DELETE("/api/me/sessions/{session_id}", { params: { path: { session_id: id } } })),
    onSuccess: () => done("That browser is signed out."),
    onError: explain,
    onSettled: () => client.invalidateQueries({ queryKey: ["devices"] }),
  });
  const now = currentTime();
  return (
    <section className="part" aria-labelledby="devices-title">
      <h2 className="head" id="devices-title">
        Where you are signed in
      </h2>
      <ul className="tasks lined">
        {devices.data?.items.map((one) => (
          <li key={one.id} className="line-item">
            <span>
              {one.current ? <strong>This browser</strong> : deviceName(one.device)}
              <span className="block small faint">
                {one.address}, seen {one.current ? "now" : since(new Date(one.seenAt), now)}, ends{" "}
                {day(new Date(one.expiresAt), zone, now)}
              </span>
            </span>
            {!one.current && (
              <button className="btn small" type="button" onClick={() => end.mutate(one.id)}>
                Sign out<span className="sr"> {deviceName(one.device)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
