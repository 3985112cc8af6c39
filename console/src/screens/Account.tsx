/** One company: a sentence, its combined score person by person in rows and columns that add up, and all of its leads. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import "../accounts/accounts.css";
import { People } from "../accounts/People";
import { api, read, type Schemas } from "../api/client";
import { fixed } from "../format/numbers";
import { since } from "../format/time";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { Stage } from "../parts/Stage";

const route = getRouteApi("/shell/accounts/$accountId");
type Found = Schemas["AccountIntelligenceView"];

/** The list of its leads stays as it was read; the account itself is read again. */
const EVERY_MS = 10_000;

export function Account() {
  const { accountId } = route.useParams();
  const account = useQuery({
    queryKey: ["accounts", "one", accountId],
    queryFn: () =>
      read(
        api.GET("/api/accounts/{account_id}/intelligence", { params: { path: { account_id: accountId } } }),
      ),
    refetchInterval: EVERY_MS,
  });
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/accounts">
            Accounts
          </Link>
        </nav>
      </div>
      <div className="wrap">
        <div className="lead-head">
          <Heading title={account.data?.name ?? accountId} />
          {account.data && (
            <div className="score">
              <b>{Math.round(account.data.score)}</b>
            </div>
          )}
        </div>
        <Loaded query={account} what="The account">
          {(found) => (
            <>
              <About found={found} />
              <Part
                title={`Why ${fixed(found.score, 2)}`}
                aside={
                  <span className="small quiet">
                    Rules {found.rulebook.name}, version {found.rulebook.version}
                  </span>
                }
              >
                <People found={found} />
              </Part>
              <AllLeads accountId={found.accountId} asOf={new Date(found.asOf)} />
            </>
          )}
        </Loaded>
      </div>
    </main>
  );
}

function About({ found }: { found: Found }) {
  const people = (count: number) =>
    count === 0 ? "nobody" : `${count} ${count === 1 ? "person" : "people"}`;
  return (
    <>
      <p className="opening">{found.summary}</p>
      <dl className="pairs">
        {found.domain && (
          <>
            <dt>Domain</dt>
            <dd>{found.domain}</dd>
          </>
        )}
        {found.groupId && (
          <>
            <dt>Group</dt>
            <dd className="anywhere">{found.groupId}</dd>
          </>
        )}
        {found.requestedId !== found.accountId && (
          <>
            <dt>Part of it</dt>
            <dd className="anywhere">{found.requestedId}</dd>
          </>
        )}
        <dt>Engaged</dt>
        <dd>
          {people(found.engaged)} <span className="faint">of {found.leads}</span>
        </dd>
        <dt>Rising</dt>
        <dd>
          {people(found.rising)}
          {found.surge && <span className="soon">, a surge</span>}
        </dd>
      </dl>
    </>
  );
}

function AllLeads({ accountId, asOf }: { accountId: string; asOf: Date }) {
  const leads = useInfiniteQuery({
    queryKey: ["accounts", "leads", accountId],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/accounts/{account_id}/leads", {
          params: { path: { account_id: accountId }, query: { cursor: pageParam } },
        }),
      ),
    ...byCursor,
  });
  return (
    <Part
      title="All leads"
      aside={
        <Link className="link small" to="/leads" search={{ account: accountId }}>
          As a list with filters
        </Link>
      }
    >
      <Pages query={leads} what="The list" empty="None that you see.">
        {(items) => (
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Lead</th>
                <th scope="col">Stage</th>
                <th scope="col" className="num">
                  Score
                </th>
                <th scope="col" className="num opt">
                  Seen
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.leadId}>
                  <th scope="row" className="anywhere">
                    <Link className="link" to="/leads/$leadId" params={{ leadId: one.leadId }}>
                      {one.leadId}
                    </Link>
                  </th>
                  <td>
                    <Stage name={one.stage} />
                    {one.outcome !== "open" && <span className="faint"> {one.outcome}</span>}
                  </td>
                  <td className="num">{fixed(one.score, 1)}</td>
                  <td className="num opt quiet">
                    {one.lastActivityAt ? since(new Date(one.lastActivityAt), asOf) : "never"}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </Part>
  );
}
