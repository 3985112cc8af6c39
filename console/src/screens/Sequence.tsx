/** One version of a sequence: its steps in words, when they come, its leads, its text, and activation. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { type Label, labelOf } from "../rules/queries";
import "../rules/rules.css";
import { ActivateSequence, DeactivateSequence } from "../sequences/ActivateSequence";
import { Enrolled } from "../sequences/Enrolled";
import { messagesOf } from "../sequences/messages";
import { explanationQuery, type Sequence, sequencesQuery, textQuery } from "../sequences/queries";
import { Steps } from "../sequences/Steps";
import { TrialCalendar } from "../sequences/TrialCalendar";
import { useMay } from "../session";

const route = getRouteApi("/shell/sequences/$name/$version");

export function SequenceScreen() {
  const { name, version } = route.useParams();
  return <OneVersion key={`${name}@${version}`} name={name} version={version} />;
}

function OneVersion({ name, version }: { name: string; version: string }) {
  const { show } = route.useSearch();
  const may = useMay();
  const label = labelOf(`${name}@${version}`) ?? { name, version: 0 };
  const text = useQuery(textQuery(label));
  const explanation = useQuery({ ...explanationQuery(label), enabled: text.isSuccess });
  const versions = useQuery(sequencesQuery).data?.items.filter((one) => one.name === name) ?? [];
  const [asked, setAsked] = useState<"activate" | "deactivate" | null>(null);
  const active = versions.find((one) => one.active)?.label;
  const isActive = text.data?.active;
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/sequences">
            Sequences
          </Link>
        </nav>
        <Heading title={`${name} ${version}`} />
        {text.data && may("manage") && (
          <p className="end">
            <Link className="btn off-phone" to="/sequences/draft" search={{ from: `${name}@${version}` }}>
              Write a new version
            </Link>
            {isActive ? (
              <button className="btn" type="button" onClick={() => setAsked("deactivate")}>
                Deactivate
              </button>
            ) : (
              <button className="btn primary" type="button" onClick={() => setAsked("activate")}>
                Activate
              </button>
            )}
          </p>
        )}
      </div>
      <div className="wrap">
        <Loaded query={text} what="The sequence">
          {(found) => (
            <>
              <header className="active-rules">
                <Standing isActive={found.active} active={active} />
                <p className="opening">{found.description || "It says nothing of itself."}</p>
                <Others versions={versions} label={label} />
              </header>
              <Loaded query={explanation} what="The explanation" rows={12}>
                {(said) => <Steps explanation={said} messages={messagesOf(found.document)} />}
              </Loaded>
              <TrialCalendar label={label} />
              <Enrolled label={label} active={show !== "ended"} />
              <Part title="As it is written">
                <details>
                  <summary className="quiet">YAML, {found.yaml.split("\n").length} lines</summary>
                  {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls */}
                  <section className="source" tabIndex={0} aria-label="YAML">
                    <pre>{found.yaml}</pre>
                  </section>
                </details>
              </Part>
            </>
          )}
        </Loaded>
      </div>
      {asked === "activate" && (
        <ActivateSequence
          label={label}
          active={active}
          onClose={() => setAsked(null)}
          onDone={() => setAsked(null)}
        />
      )}
      {asked === "deactivate" && <DeactivateSequence label={label} onClose={() => setAsked(null)} />}
    </main>
  );
}

function Standing({ isActive, active }: { isActive: boolean; active: string | undefined }) {
  if (isActive) return <p className="quiet">Active: leads are enrolled in this version</p>;
  return (
    <p className="quiet">
      Takes no leads. {active ? `They are enrolled in ${active}.` : "No version is active."}
    </p>
  );
}

function Others({ versions, label }: { versions: Sequence[]; label: Label }) {
  const others = versions.filter((one) => one.version !== label.version);
  if (others.length === 0) return null;
  return (
    <p className="quiet small">
      Other versions:{" "}
      {others.map((one, index) => (
        <span key={one.label}>
          {index > 0 && ", "}
          <Link
            className="link"
            to="/sequences/$name/$version"
            params={{ name: one.name, version: String(one.version) }}
          >
            {one.label}
          </Link>
          {one.active && " (active)"}
        </span>
      ))}
    </p>
  );
}
