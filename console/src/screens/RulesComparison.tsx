/** Two versions of rules side by side: what differs in words, then in the text. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { Failure, Loading } from "../parts/states";
import { Diff } from "../rules/Diff";
import { linesOf } from "../rules/lines";
import { explanationQuery, type Label, labelOf, rulebooksQuery, textQuery } from "../rules/queries";
import "../rules/rules.css";

const route = getRouteApi("/shell/rules/compare");

export function RulesComparison() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const list = useQuery(rulebooksQuery);
  const choose = (change: { from?: string; to?: string }) =>
    void navigate({ to: "/rules/compare", search: { ...search, ...change }, replace: true });
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/rules">
            Rules
          </Link>
        </nav>
        <Heading title="Compare rules" />
      </div>
      <div className="wrap">
        <Loaded query={list} what="The list">
          {({ items }) => {
            const active = items.find((one) => one.active)?.label;
            const from = search.from ?? active ?? items[0]?.label ?? "";
            const to = search.to ?? items.find((one) => one.label !== from)?.label ?? from;
            const labels = items.map((one) => one.label);
            return (
              <>
                <div className="row-form part">
                  <Choice name="from" label="Was" value={from} labels={labels} choose={choose} />
                  <Choice name="to" label="Is" value={to} labels={labels} choose={choose} />
                  <button className="btn" type="button" onClick={() => choose({ from: to, to: from })}>
                    Swap
                  </button>
                </div>
                <Differences from={from} to={to} />
              </>
            );
          }}
        </Loaded>
      </div>
    </main>
  );
}

function Choice(props: {
  name: "from" | "to";
  label: string;
  value: string;
  labels: string[];
  choose: (change: { from?: string; to?: string }) => void;
}) {
  const { name, label, value, labels, choose } = props;
  return (
    <p className="field">
      <label htmlFor={`compare-${name}`}>{label}</label>
      <select
        id={`compare-${name}`}
        value={value}
        onChange={(event) => choose({ [name]: event.target.value })}
      >
        {!labels.includes(value) && <option value={value}>{value}</option>}
        {labels.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </p>
  );
}

function Differences({ from, to }: { from: string; to: string }) {
  const [before, after] = [labelOf(from), labelOf(to)];
  if (!before || !after) return <p className="pad">Name two versions such as standard@2.</p>;
  return <Both key={`${from} ${to}`} before={before} after={after} />;
}

function Both({ before, after }: { before: Label; after: Label }) {
  const queries = useQueries({
    queries: [textQuery(before), textQuery(after)],
    combine: ([one, other]) => ({ one, other, error: one.error ?? other.error }),
  });
  const words = useQueries({
    queries: [explanationQuery(before), explanationQuery(after)],
    combine: ([one, other]) => ({ one: one.data, other: other.data }),
  });
  if (queries.error) return <Failure what="The comparison" error={queries.error} />;
  if (!queries.one.data || !queries.other.data) return <Loading what="the comparison" />;
  return (
    <>
      <Part title="In words">
        {words.one && words.other ? (
          <Diff before={linesOf(words.one)} after={linesOf(words.other)} label="What differs in words" />
        ) : (
          <Loading what="the words" />
        )}
      </Part>
      <Part title="As written">
        <Diff
          before={queries.one.data.yaml.split("\n")}
          after={queries.other.data.yaml.split("\n")}
          label="What differs in the text"
        />
      </Part>
    </>
  );
}
