/** Who gets the next lead: the active rules in words, their versions, and the leads that were routed. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { moment } from "../format/time";
import { Dialog } from "../parts/Dialog";
import { Loaded } from "../parts/Loaded";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { useChange } from "../parts/useChange";
import { ROUTING, versionsQuery } from "../routing/queries";
import { RulesInWords } from "../routing/RulesInWords";
import { routingOf } from "../routing/rules";
import { TeamScreen } from "../routing/TeamScreen";
import { useMay, usePeople, useSession } from "../session";

type Version = Schemas["RulesView"];

export function Routing() {
  const may = useMay();
  const manages = may("manage");
  const versions = useQuery({ ...versionsQuery, enabled: manages });
  if (!manages) {
    return (
      <TeamScreen title="Routing">
        <p className="pad">This screen is for admins.</p>
      </TeamScreen>
    );
  }
  return (
    <TeamScreen
      title="Routing"
      end={
        <Link className="btn" to="/team/routing/draft">
          Write a new version
        </Link>
      }
    >
      <Loaded query={versions} what="The rules">
        {({ items }) => <Versions items={items} />}
      </Loaded>
      <Decisions />
    </TeamScreen>
  );
}

function Versions({ items }: { items: Version[] }) {
  const { zone } = useSession().person;
  const active = items.find((one) => one.active);
  const [asked, setAsked] = useState<Version | "off" | null>(null);
  const now = new Date();
  return (
    <>
      <header className="part">
        <p className="opening">
          {active ? (
            <>Leads are routed by version {active.version}.</>
          ) : (
            "No leads are routed: new leads belong to nobody until somebody takes them."
          )}
        </p>
        {active && (
          <p>
            <button className="btn" type="button" onClick={() => setAsked("off")}>
              Route no leads
            </button>
          </p>
        )}
      </header>
      {active && <RulesInWords routing={routingOf(active.rules)} />}
      {items.length > 0 && (
        <Part title="Versions">
          <ul className="tasks lined">
            {items.map((one) => (
              <li key={one.version} className="line-item">
                <span>
                  <Link className="link" to="/team/routing/draft" search={{ from: one.version }}>
                    Version {one.version}
                  </Link>{" "}
                  <span className="faint">
                    {one.active ? "active, " : ""}
                    {moment(new Date(one.createdAt), zone, now)}
                  </span>
                </span>
                {!one.active && (
                  <button className="btn small" type="button" onClick={() => setAsked(one)}>
                    Activate<span className="sr"> version {one.version}</span>
                  </button>
                )}
              </li>
            ))}
          </ul>
        </Part>
      )}
      {asked === "off" && <SwitchOff onClose={() => setAsked(null)} />}
      {asked !== null && asked !== "off" && (
        <Activate version={asked.version} active={active?.version} onClose={() => setAsked(null)} />
      )}
    </>
  );
}

function SwitchOff({ onClose }: { onClose: () => void }) {
  const off = useChange(ROUTING);
  const confirm = () =>
    off.mutate({
      call: () => read(api.POST("/api/routing/deactivate")),
      said: "No leads are routed now.",
      onDone: onClose,
    });
  return (
    <Dialog
      title="Route no leads?"
      action="Route none"
      busy={off.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <p className="quiet">
        Leads that have an owner keep it. Leads that wait stay unassigned. A version can be activated again at
        any time.
      </p>
    </Dialog>
  );
}

function Activate(props: { version: number; active: number | undefined; onClose: () => void }) {
  const { version, active, onClose } = props;
  const activate = useChange(ROUTING);
  const params = { path: { version: String(version) } };
  const confirm = () =>
    activate.mutate({
      call: () => read(api.POST("/api/routing/versions/{version}/activate", { params })),
      said: `Leads are routed by version ${version}.`,
      onDone: onClose,
    });
  return (
    <Dialog
      title={`Route leads by version ${version}?`}
      action={`Activate version ${version}`}
      busy={activate.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <p className="quiet">
        New leads go by it within two seconds{active === undefined ? "" : `, instead of version ${active}`}.
        Leads that have an owner keep it.
      </p>
    </Dialog>
  );
}

function Decisions() {
  const { zone } = useSession().person;
  const { nameOf } = usePeople();
  const decisions = useInfiniteQuery({
    queryKey: [...ROUTING, "decisions"],
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/routing/decisions", { params: { query: { limit: 20, cursor: pageParam } } })),
    ...byCursor,
    refetchInterval: 15_000,
  });
  const now = new Date();
  return (
    <Part title="Leads that were routed">
      <Pages query={decisions} what="The list" empty="No lead was routed yet.">
        {(items) => (
          <ul className="entries">
            {items.map((one) => (
              <li key={one.id}>
                <div className="entry-head">
                  <span>
                    <Link className="link" to="/leads/$leadId" params={{ leadId: one.leadId }}>
                      {one.leadId}
                    </Link>{" "}
                    <span className="faint">to</span> <span className="strong">{nameOf(one.ownerId)}</span>
                    {one.missed && <span className="alarm"> no first contact in time</span>}
                  </span>
                  <span className="quiet">{one.pool}</span>
                  <time className="quiet" dateTime={one.at}>
                    {moment(new Date(one.at), zone, now)}
                  </time>
                </div>
                <p className="small quiet">{one.why.join("; ")}</p>
              </li>
            ))}
          </ul>
        )}
      </Pages>
    </Part>
  );
}
