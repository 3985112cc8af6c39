/** All rulebooks with their versions, which one is active, and who activated what. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, read } from "../api/client";
import { moment } from "../format/time";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { Challenger } from "../rulelab/Challenger";
import { RecentPreviews } from "../rulelab/RecentPreviews";
import { RollBack } from "../rulelab/RollBack";
import { type Entry, rulebooksQuery } from "../rules/queries";
import "../rules/rules.css";
import { useMay, useSession } from "../session";

export function Rules() {
  const rulebooks = useQuery(rulebooksQuery);
  const may = useMay();
  return (
    <main id="main">
      <div className="top">
        <Heading title="Rules" />
        <p className="end">
          <Link className="btn bare" to="/rules/models">
            Prediction models
          </Link>
          {may("manage") && (
            <Link className="btn" to="/rules/draft">
              Write a new version
            </Link>
          )}
        </p>
      </div>
      <div className="wrap">
        <Loaded query={rulebooks} what="The list">
          {({ items }) => <Versions entries={items} />}
        </Loaded>
        {may("manage") && <Challenger />}
        {may("manage") && <RecentPreviews />}
        {may("manage") && <Activations active={rulebooks.data?.items.find((one) => one.active)?.label} />}
      </div>
    </main>
  );
}

function Versions({ entries }: { entries: Entry[] }) {
  const active = entries.find((one) => one.active);
  return (
    <>
      {active && (
        <header className="active-rules">
          <p className="quiet">Every lead is scored by</p>
          <p className="big">
            <Link
              className="link"
              to="/rules/$name/$version"
              params={{ name: active.name, version: String(active.version) }}
            >
              {active.name} {active.version}
            </Link>
          </p>
          <p className="quiet measure">{active.description}</p>
        </header>
      )}
      <Part title="Rulebooks and versions">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">Rulebook</th>
              <th scope="col">State</th>
              <th scope="col" className="opt">
                What it says of itself
              </th>
              <th scope="col">
                <span className="sr">Compare</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((one) => (
              <tr key={one.label}>
                <th scope="row" className="nowrap">
                  <Link
                    className="link"
                    to="/rules/$name/$version"
                    params={{ name: one.name, version: String(one.version) }}
                  >
                    {one.name} {one.version}
                  </Link>
                </th>
                <td className="nowrap">
                  <State entry={one} />
                </td>
                <td className="opt quiet">{one.description}</td>
                <td className="num">
                  {active && !one.active && (
                    <Link
                      className="link small"
                      to="/rules/compare"
                      search={{ from: active.label, to: one.label }}
                    >
                      Compare<span className="sr"> {one.label} with the active one</span>
                    </Link>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Part>
    </>
  );
}

function State({ entry }: { entry: Entry }) {
  if (entry.active) return <span className="strong">Active</span>;
  if (entry.published) return <span>Was active</span>;
  return <span className="faint">{entry.builtIn ? "Built in, never active" : "Never active"}</span>;
}

function Activations({ active }: { active: string | undefined }) {
  const { zone } = useSession().person;
  const audit = useQuery({
    queryKey: ["rules", "audit"],
    queryFn: () => read(api.GET("/api/audit", { params: { query: { limit: 200 } } })),
  });
  const now = new Date();
  return (
    <Part
      title="Activated by"
      aside={
        <span className="acts tight">
          <Link className="link small quiet" to="/ops/audit">
            All changes
          </Link>
          {active && <RollBack active={active} />}
        </span>
      }
    >
      <Loaded query={audit} what="The log" rows={2}>
        {({ items, nextCursor }) => {
          const shown = items.filter((one) => one.action === "rulebook.activated");
          if (shown.length === 0) {
            const where = nextCursor ? "Not among the last 200 changes." : "Nobody has activated rules yet.";
            return <p className="quiet">{where}</p>;
          }
          return (
            <ol className="tasks lined">
              {shown.map((one) => (
                <li key={one.id} className="line-item">
                  <span>
                    {one.target}{" "}
                    <span className="faint">instead of {String(one.before?.rulebook ?? "none")}</span>
                  </span>
                  <span className="quiet small">
                    {one.who.name || words(one.who.kind)}, {moment(new Date(one.at), zone, now)}
                  </span>
                </li>
              ))}
            </ol>
          );
        }}
      </Loaded>
    </Part>
  );
}

const words = (kind: string) => (kind === "engine" ? "the engine" : kind);
