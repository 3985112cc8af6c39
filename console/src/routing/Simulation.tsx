/** Who would have got the leads of the last days under these rules, beside whose they are. Nothing is stored. */
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { moment } from "../format/time";
import { Part } from "../parts/Part";
import { Loading } from "../parts/states";
import { usePeople, useSession } from "../session";
import { Refusal } from "./Refusal";
import { documentOf, type Routing } from "./rules";

const SPANS = [7, 30, 92];

export function Simulation({ routing }: { routing: Routing }) {
  const [days, setDays] = useState(30);
  const tried = useMutation({
    mutationFn: () => read(api.POST("/api/routing/simulate", { body: { rules: documentOf(routing), days } })),
  });
  return (
    <Part title="Who would get these?">
      <div className="row-form">
        <p className="field">
          <label htmlFor="simulate-days">Leads of the last</label>
          <select id="simulate-days" value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {SPANS.map((span) => (
              <option key={span} value={span}>
                {span} days
              </option>
            ))}
          </select>
        </p>
        <button className="btn" type="button" disabled={tried.isPending} onClick={() => tried.mutate()}>
          Simulate
        </button>
        <span className="small quiet">Nothing is stored or assigned.</span>
      </div>
      {tried.isPending && <Loading what="the simulation" rows={3} />}
      {tried.error && <Refusal error={tried.error} />}
      {tried.data && !tried.isPending && <Outcome of={tried.data} />}
    </Part>
  );
}

function Outcome({ of: found }: { of: Schemas["SimulationView"] }) {
  const { nameOf } = usePeople();
  if (found.leads === 0)
    return <p className="quiet">No lead would have been routed in the last {found.days} days.</p>;
  const most = Math.max(1, ...found.shares.map((one) => Math.max(one.wouldGet, one.haveGot)));
  return (
    <>
      <p className="opening">
        {found.leads} {found.leads === 1 ? "lead" : "leads"} would have been routed
        {found.truncated && ", the newest of more"}
        {found.skipped > 0 && `; ${found.skipped} could not be read`}.
      </p>
      <table className="grid-table shares">
        <thead>
          <tr>
            <th scope="col">Person</th>
            <th scope="col" className="num">
              Would get
            </th>
            <th scope="col" className="opt">
              <span className="sr">As a bar</span>
            </th>
            <th scope="col" className="num">
              Have today
            </th>
          </tr>
        </thead>
        <tbody>
          {found.shares.map((one) => (
            <tr key={one.personId}>
              <th scope="row">{nameOf(one.personId)}</th>
              <td className="num strong">{one.wouldGet}</td>
              <td className="opt">
                <svg className="share" aria-hidden="true">
                  <rect width={`${(100 * one.wouldGet) / most}%`} height="8" rx="1" />
                </svg>
              </td>
              <td className="num">{one.haveGot}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary className="quiet">The last {found.routed.length}, each with its reasons</summary>
        <Routed routed={found.routed} />
      </details>
      <p className="small faint">What is not known: {found.assumptions.join("; ")}.</p>
    </>
  );
}

function Routed({ routed }: { routed: Schemas["RoutedView"][] }) {
  const { nameOf } = usePeople();
  const { zone } = useSession().person;
  const now = new Date();
  return (
    <ul className="entries">
      {routed.toReversed().map((one) => (
        <li key={one.leadId}>
          <div className="entry-head">
            <span>
              <Link className="link" to="/leads/$leadId" params={{ leadId: one.leadId }}>
                {one.leadId}
              </Link>{" "}
              <span className="faint">to</span> <span className="strong">{nameOf(one.ownerId)}</span>
              {one.actualOwnerId !== one.ownerId && (
                <span className="faint"> (today {nameOf(one.actualOwnerId)})</span>
              )}
            </span>
            <span className="quiet">
              {one.rule} to {one.pool}
            </span>
            <time className="quiet" dateTime={one.at}>
              {moment(new Date(one.at), zone, now)}
            </time>
          </div>
          <p className="small quiet">{one.why.join("; ")}</p>
        </li>
      ))}
    </ul>
  );
}
