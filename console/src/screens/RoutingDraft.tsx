/** A new version of the routing rules: rules, pools with members and hours, a simulation, and activation. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, read } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { keepText, keptText } from "../parts/kept";
import { Loaded } from "../parts/Loaded";
import { done } from "../parts/notices";
import { Part } from "../parts/Part";
import { PoolFields } from "../routing/PoolFields";
import { ROUTING, versionsQuery } from "../routing/queries";
import { Refusal } from "../routing/Refusal";
import { RuleFields, Stages } from "../routing/RuleFields";
import { beginning, documentOf, newPool, type Routing, routingOf } from "../routing/rules";
import { Simulation } from "../routing/Simulation";
import { TeamScreen } from "../routing/TeamScreen";
import { rulebooksQuery, textQuery } from "../rules/queries";
import { peopleQuery, useMay, useSession } from "../session";

const route = getRouteApi("/shell/team/routing/draft");

export function RoutingDraft() {
  const may = useMay();
  const { from } = route.useSearch();
  const versions = useQuery({ ...versionsQuery, enabled: may("manage") });
  const people = useQuery(peopleQuery);
  if (!may("manage")) {
    return (
      <TeamScreen title="Routing">
        <p className="pad">This screen is for admins.</p>
      </TeamScreen>
    );
  }
  return (
    <TeamScreen title="New routing rules">
      <Loaded query={versions} what="The rules">
        {({ items }) => (
          <Loaded query={people} what="The people">
            {(everybody) => {
              const base =
                items.find((one) => (from === undefined ? one.active : one.version === from)) ?? items[0];
              const next = Math.max(0, ...items.map((one) => one.version)) + 1;
              const reps = everybody.items.filter((one) => one.active && one.role !== "viewer");
              const first = base ? routingOf(base.rules) : beginning(reps.map((one) => one.id));
              return (
                <Draft key={base?.version} beginning={{ ...first, version: next }} from={base?.version} />
              );
            }}
          </Loaded>
        )}
      </Loaded>
    </TeamScreen>
  );
}

function useStages(): string[] {
  const active = useQuery(rulebooksQuery).data?.items.find((one) => one.active);
  const text = useQuery({ ...textQuery(active ?? { name: "", version: 0 }), enabled: active !== undefined });
  const found = (text.data?.document.stages as { steps?: { name: string }[] } | undefined)?.steps;
  return found?.map((one) => one.name) ?? [];
}

function Draft({ beginning: first, from }: { beginning: Routing; from: number | undefined }) {
  const key = `routing rules from ${from ?? "nothing"}`;
  const { zone } = useSession().person;
  const stages = useStages();
  const [routing, setRouting] = useState<Routing>(() => {
    const kept = keptText(key);
    return kept === null ? first : { ...(JSON.parse(kept) as Routing), version: first.version };
  });
  const [generation, setGeneration] = useState(0);
  const [asked, setAsked] = useState(false);
  const change = (next: Partial<Routing>) => {
    const changed = { ...routing, ...next };
    setRouting(changed);
    keepText(key, JSON.stringify(changed));
  };
  const discard = () => {
    setRouting(first);
    setGeneration((before) => before + 1);
    keepText(key, null);
  };
  const addPool = () => {
    const number = routing.pools.length + 1;
    change({ pools: [...routing.pools, newPool(`pool-${number}`, [])] });
  };
  return (
    <div key={generation} className="routing-draft">
      <header className="part">
        <p className="opening">
          Version {routing.version}
          {from === undefined ? "" : `, from version ${from}, which stays as it is`}.
        </p>
        {stages.length > 0 && (
          <Stages
            legend="Leads are routed when they enter (none: at their first event)"
            all={stages}
            chosen={routing.stages}
            change={(chosen) => change({ stages: chosen })}
          />
        )}
      </header>
      <Part title="Rules: the first that fits decides">
        <RuleFields routing={routing} stages={stages} change={(rules) => change({ rules })} />
      </Part>
      <Part title="Pools: people who share leads by weight">
        {routing.pools.map((pool, index) => (
          <PoolFields
            key={`${index.toString()} of ${routing.pools.length}`}
            pool={pool}
            at={index}
            zone={zone}
            change={(next) => change(withPool(routing, index, next))}
            remove={
              routing.pools.length > 1
                ? () => change({ pools: routing.pools.filter((_, at) => at !== index) })
                : null
            }
          />
        ))}
        <p className="acts">
          <button className="btn" type="button" onClick={addPool}>
            Add a pool
          </button>
        </p>
      </Part>
      <Simulation routing={routing} />
      <p className="acts publish">
        <button className="btn primary" type="button" onClick={() => setAsked(true)}>
          Activate version {routing.version}
        </button>
        <button className="btn" type="button" onClick={discard}>
          Discard what I wrote
        </button>
      </p>
      {asked && (
        <Activate routing={routing} onClose={() => setAsked(false)} onDone={() => keepText(key, null)} />
      )}
    </div>
  );
}

/** The rules with another pool in its place; rules that name it follow its new name. */
function withPool(routing: Routing, index: number, next: Routing["pools"][number]): Partial<Routing> {
  const before = routing.pools[index]?.id;
  const pools = routing.pools.map((one, at) => (at === index ? next : one));
  const rules = routing.rules.map((rule) => (rule.pool === before ? { ...rule, pool: next.id } : rule));
  return { pools, rules };
}

function Activate(props: { routing: Routing; onClose: () => void; onDone: () => void }) {
  const { routing, onClose, onDone } = props;
  const client = useQueryClient();
  const navigate = useNavigate();
  const activate = useMutation({
    mutationFn: async () => {
      const body = { rules: documentOf(routing) };
      await read(api.POST("/api/routing/versions", { body }));
      const params = { path: { version: String(routing.version) } };
      return read(api.POST("/api/routing/versions/{version}/activate", { params }));
    },
    onSuccess: () => {
      done(`Leads are routed by version ${routing.version}.`);
      onDone();
      void navigate({ to: "/team/routing" });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ROUTING }),
  });
  return (
    <Dialog
      title={`Route leads by version ${routing.version}?`}
      action={`Activate version ${routing.version}`}
      busy={activate.isPending}
      onSubmit={() => activate.mutate()}
      onClose={onClose}
    >
      <ul className="points">
        <li>The version is stored and never changes its content.</li>
        <li>New leads go by it within two seconds. Leads that have an owner keep it.</li>
        <li>The version before stays. Activating it again is the way back.</li>
      </ul>
      {activate.error && <Refusal error={activate.error} />}
    </Dialog>
  );
}
