/** Companies by their leads, the highest combined score first; found by name or domain. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { FormEvent } from "react";
import "../accounts/accounts.css";
import { api, read, type Schemas } from "../api/client";
import { fixed } from "../format/numbers";
import "../parts/administration.css";
import { Field } from "../parts/Field";
import { Heading } from "../parts/Heading";
import { byCursor, Pages } from "../parts/Pages";
import { Empty } from "../parts/states";

const route = getRouteApi("/shell/accounts");

export function Accounts() {
  const { find } = route.useSearch();
  const accounts = useInfiniteQuery({
    queryKey: ["accounts", "list", find ?? ""],
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/accounts", { params: { query: { ...found(find), cursor: pageParam } } })),
    ...byCursor,
  });
  return (
    <main id="main">
      <div className="top">
        <Heading title="Accounts" />
      </div>
      <div className="wrap">
        <div className="part">
          <Find find={find} />
          <Pages
            query={accounts}
            what="The list"
            empty={
              find ? (
                `No account whose name or domain begins with “${find}”.`
              ) : (
                <Empty title="No account yet.">
                  <p>A lead belongs to the company of its e-mail address, or to the group that it joined.</p>
                </Empty>
              )
            }
          >
            {(items) => <Table items={items} />}
          </Pages>
        </div>
      </div>
    </main>
  );
}

/** What is asked for: a domain where it looks like one, else the beginning of a word of the name. */
function found(find: string | undefined): { name?: string; domain?: string } {
  if (find === undefined) return {};
  return /^[^\s.]+(\.[^\s.]+)+$/.test(find) ? { domain: find } : { name: find };
}

function Find({ find }: { find: string | undefined }) {
  const navigate = useNavigate();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = String(new FormData(event.currentTarget).get("find")).trim();
    void navigate({ to: "/accounts", search: { find: said || undefined } });
  };
  return (
    <form className="row-form" onSubmit={submit} key={find ?? ""}>
      <Field
        label="Name or domain"
        name="find"
        defaultValue={find}
        maxLength={255}
        placeholder="Acme, or acme.com"
        autoComplete="off"
      />
      <button className="btn" type="submit">
        Find
      </button>
      {find && (
        <Link className="btn" to="/accounts">
          Show all
        </Link>
      )}
    </form>
  );
}

function Table({ items }: { items: Schemas["AccountView"][] }) {
  return (
    <table className="grid-table">
      <thead>
        <tr>
          <th scope="col">Account</th>
          <th scope="col" className="opt">
            Domain
          </th>
          <th scope="col" className="num">
            Leads
          </th>
          <th scope="col" className="num">
            Score
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={one.accountId}>
            <th scope="row" className="anywhere">
              <Link className="link" to="/accounts/$accountId" params={{ accountId: one.accountId }}>
                {one.name}
              </Link>
              {one.surge && <span className="block small soon">several people busier than usual</span>}
            </th>
            <td className="opt quiet">{one.domain ?? <span className="faint">not known</span>}</td>
            <td className="num">{one.leads.toLocaleString("en-GB")}</td>
            <td className="num strong">{fixed(one.score, 1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
