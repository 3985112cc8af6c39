/** What other rules say of the leads with the highest scores today, read from their whole history. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, Problem, read } from "../api/client";
import { fixed, signed } from "../format/numbers";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { Stage } from "../parts/Stage";

const LEADS = 20;

interface Tried {
  leadId: string;
  before: { score: number; stage: string };
  after: { score: number; stage: string };
}

async function readLead(leadId: string, rulebook: string) {
  const params = { path: { lead_id: leadId }, query: { rulebook } };
  return read(api.GET("/api/leads/{lead_id}/intelligence", { params }));
}

async function tryOn(active: string, label: string): Promise<Tried[]> {
  const { items } = await read(
    api.GET("/api/leads", { params: { query: { sort: "-score", limit: LEADS } } }),
  );
  const found = await Promise.all(
    items.map(async ({ leadId }) => {
      try {
        const [before, after] = await Promise.all([readLead(leadId, active), readLead(leadId, label)]);
        return { leadId, before, after };
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return null; // erased meanwhile
        throw error;
      }
    }),
  );
  return found.filter((one) => one !== null);
}

export function TryOnLeads({ label, active }: { label: string; active: string }) {
  const [asked, setAsked] = useState(false);
  const tried = useQuery({
    queryKey: ["rules", "tried", active, label],
    queryFn: () => tryOn(active, label),
    enabled: asked,
    staleTime: 60_000,
  });
  return (
    <Part title="What it would say today">
      {!asked && (
        <div className="acts">
          <button className="btn" type="button" onClick={() => setAsked(true)}>
            Try it on the {LEADS} best leads
          </button>
          <span className="quiet small">Their whole history is read under both. Nothing is stored.</span>
        </div>
      )}
      {asked && (
        <Loaded query={tried} what="The comparison">
          {(leads) => <Moves leads={leads} label={label} active={active} />}
        </Loaded>
      )}
    </Part>
  );
}

function Moves({ leads, label, active }: { leads: Tried[]; label: string; active: string }) {
  const moved = leads.filter((one) => one.before.stage !== one.after.stage).length;
  if (leads.length === 0) return <p className="quiet">There are no leads yet.</p>;
  return (
    <>
      <p className="opening">
        {moved === 0 ? "None" : moved} of the {leads.length} {leads.length === 1 ? "lead" : "leads"} would
        stand in another stage.
      </p>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Lead</th>
            <th scope="col" className="num">
              {active}
            </th>
            <th scope="col" className="num">
              {label}
            </th>
            <th scope="col" className="num">
              Moves
            </th>
            <th scope="col">Stage</th>
          </tr>
        </thead>
        <tbody>
          {leads.map(({ leadId, before, after }) => (
            <tr key={leadId}>
              <th scope="row">
                <Link className="link" to="/leads/$leadId" params={{ leadId }}>
                  {leadId}
                </Link>
              </th>
              <td className="num">{fixed(before.score, 1)}</td>
              <td className="num strong">{fixed(after.score, 1)}</td>
              <td className="num quiet">{signed(after.score - before.score, 1)}</td>
              <td>
                <span className="to">
                  {before.stage !== after.stage && (
                    <>
                      <Stage name={before.stage} />
                      <span className="faint">to</span>
                    </>
                  )}
                  <Stage name={after.stage} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
