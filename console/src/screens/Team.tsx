/** The people of the workspace, and invitations. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, Problem, read, type Schemas } from "../api/client";
import type { paths } from "../api/schema";
import { currentTime } from "../clock";
import { day } from "../format/time";
import { initials, words } from "../format/words";
import { Field } from "../parts/Field";
import { done, failed } from "../parts/notices";
import { Failure, Loading } from "../parts/states";
import { TeamScreen } from "../routing/TeamScreen";
import { peopleQuery, useMay, useSession } from "../session";
import { EndAccessDialog } from "../team/EndAccessDialog";

type Person = Schemas["PersonView"];
type Role = NonNullable<paths["/api/invites"]["post"]["requestBody"]>["content"]["application/json"]["role"];
const ROLES: Role[] = ["viewer", "rep", "admin", "owner"];

export function Team() {
  const people = useQuery(peopleQuery);
  const may = useMay();
  return (
    <TeamScreen title="Team">
      {people.error && !people.data && (
        <Failure what="The list" error={people.error} retry={() => void people.refetch()} />
      )}
      {people.isPending && !people.error && <Loading what="people" />}
      {people.data && <People people={people.data.items} />}
      {may("manage") && <Invites />}
    </TeamScreen>
  );
}

function useChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ call }: { call: Promise<Person>; said: string }) => call,
    onSuccess: async (_, { said }) => {
      done(said);
      await client.invalidateQueries({ queryKey: ["people"] });
    },
    onError: async (error) => {
      failed(error instanceof Problem ? error.sentence : "Nothing was changed.");
      await client.invalidateQueries({ queryKey: ["people"] });
    },
  });
}

function People({ people }: { people: Person[] }) {
  const may = useMay();
  const { person: me } = useSession();
  const now = currentTime();
  const shown = [...people].sort(
    (a, b) => Number(b.active) - Number(a.active) || a.name.localeCompare(b.name),
  );
  return (
    <section className="part" aria-labelledby="people-title">
      <h2 className="head" id="people-title">
        People
      </h2>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col" className="opt">
              Team
            </th>
            <th scope="col" className="opt">
              Since
            </th>
            {may("manage") && (
              <th scope="col">
                <span className="sr">Changes</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {shown.map((person) => (
            <tr key={person.id} className={person.active ? undefined : "faint"}>
              <th scope="row" className="anywhere">
                <span className="owner">
                  <span className="face" aria-hidden="true">
                    {initials(person.name)}
                  </span>
                  <span>
                    {person.name}
                    {person.id === me.id && <span className="faint"> you</span>}
                    <span className="block small faint">{person.email}</span>
                  </span>
                </span>
              </th>
              <td>{may("manage") && person.active ? <RoleChoice person={person} /> : words(person.role)}</td>
              <td className="opt">
                {person.team ?? <span className="faint">none</span>}
                {person.leadsTeam && <span className="faint"> leads it</span>}
              </td>
              <td className="opt quiet">
                {day(new Date(person.createdAt), me.zone, now)}
                {person.awayUntil && new Date(person.awayUntil) > now && (
                  <span className="block small">
                    away until {day(new Date(person.awayUntil), me.zone, now)}
                  </span>
                )}
              </td>
              {may("manage") && (
                <td className="num">
                  <Access person={person} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function RoleChoice({ person }: { person: Person }) {
  const change = useChange();
  const may = useMay();
  const set = (role: Role) => {
    const params = { path: { person_id: person.id } };
    const call = read(api.PUT("/api/people/{person_id}/role", { params, body: { role } }));
    change.mutate({
      call,
      said: `${person.name} is ${role} now; all sessions of ${person.name} have ended.`,
    });
  };
  return (
    <select
      aria-label={`Role of ${person.name}`}
      value={person.role}
      disabled={change.isPending || (!may("own") && person.role === "owner")}
      onChange={(event) => set(event.target.value as Role)}
    >
      {ROLES.filter((role) => role !== "owner" || may("own") || person.role === "owner").map((role) => (
        <option key={role} value={role}>
          {words(role)}
        </option>
      ))}
    </select>
  );
}

function Access({ person }: { person: Person }) {
  const change = useChange();
  const client = useQueryClient();
  const { person: me } = useSession();
  const [asks, setAsks] = useState(false);
  const params = { path: { person_id: person.id } };
  const end = useMutation({
    mutationFn: () => read(api.POST("/api/people/{person_id}/deactivate", { params })),
    onSuccess: async () => {
      done(`${person.name} has no access any more.`);
      await client.invalidateQueries({ queryKey: ["people"] });
    },
    onError: (error) => {
      if (error instanceof Problem && error.code === "leads-need-choice") setAsks(true);
      else failed(error instanceof Problem ? error.sentence : "Nothing was changed.");
    },
  });
  if (person.id === me.id) return null;
  const restore = () =>
    change.mutate({
      call: read(api.POST("/api/people/{person_id}/reactivate", { params })),
      said: `${person.name} has access again.`,
    });
  return (
    <>
      <button
        className="btn small"
        type="button"
        disabled={change.isPending || end.isPending}
        onClick={person.active ? () => end.mutate() : restore}
      >
        {person.active ? "End access" : "Give access"}
        <span className="sr"> of {person.name}</span>
      </button>
      {asks && <EndAccessDialog person={person} onClose={() => setAsks(false)} />}
    </>
  );
}

function Invites() {
  const client = useQueryClient();
  const may = useMay();
  const { zone } = useSession().person;
  const [issued, setIssued] = useState<Schemas["IssuedInviteView"] | null>(null);
  const invites = useQuery({ queryKey: ["invites"], queryFn: () => read(api.GET("/api/invites")) });
  const again = () => client.invalidateQueries({ queryKey: ["invites"] });
  const invite = useMutation({
    mutationFn: (form: FormData) =>
      read(
        api.POST("/api/invites", {
          body: { email: String(form.get("email")), role: String(form.get("role")) as Role },
        }),
      ),
    onSuccess: async (answer) => {
      setIssued(answer);
      await again();
    },
    onError: (error) => failed(error instanceof Problem ? error.sentence : "Nobody was invited."),
  });
  const withdraw = useMutation({
    mutationFn: (id: string) =>
      read(api.DELETE("/api/invites/{invite_id}", { params: { path: { invite_id: id } } })),
    onSuccess: () => done("The link has ended."),
    onError: (error) => failed(error instanceof Problem ? error.sentence : "Nothing was changed."),
    onSettled: again,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    invite.mutate(new FormData(event.currentTarget));
  };
  const open = invites.data?.items ?? [];
  return (
    <section className="part" aria-labelledby="invites-title">
      <h2 className="head" id="invites-title">
        Invite
      </h2>
      <form className="row-form" onSubmit={submit}>
        <Field label="E-mail" name="email" type="email" autoComplete="off" required maxLength={254} />
        <p className="field">
          <label htmlFor="invite-role">Role</label>
          <select id="invite-role" name="role" defaultValue="rep">
            {ROLES.filter((role) => role !== "owner" || may("own")).map((role) => (
              <option key={role} value={role}>
                {words(role)}
              </option>
            ))}
          </select>
        </p>
        <button className="btn primary" type="submit" disabled={invite.isPending}>
          Make a link
        </button>
      </form>
      {issued && (
        <div className="banner" role="status">
          <p>
            Give {issued.email} this link. It is shown only now, good once, until{" "}
            {day(new Date(issued.expiresAt), zone, currentTime())}.
          </p>
          <code className="secret">{issued.link}</code>
          <button
            className="btn"
            type="button"
            onClick={() =>
              void navigator.clipboard.writeText(issued.link).then(() => done("The link is copied."))
            }
          >
            Copy
          </button>
        </div>
      )}
      {open.length > 0 && (
        <ul className="tasks lined">
          {open.map((one) => (
            <li key={one.id} className="line-item">
              <span>
                {one.email || "the first owner"}{" "}
                <span className="faint">
                  as {one.role}, until {day(new Date(one.expiresAt), zone, currentTime())}
                </span>
              </span>
              <button className="btn small" type="button" onClick={() => withdraw.mutate(one.id)}>
                Withdraw<span className="sr"> the invitation of {one.email}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
