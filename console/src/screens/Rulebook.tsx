/** One version of a rulebook: what each rule says in words, the text, a try on leads, and activation. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { StartPreview } from "../rulelab/StartPreview";
import { ActivateDialog } from "../rules/ActivateDialog";
import { explanationQuery, labelOf, rulebooksQuery, textQuery } from "../rules/queries";
import { TryOnLeads } from "../rules/TryOnLeads";
import { Words } from "../rules/Words";
import "../rules/rules.css";
import { useMay } from "../session";

const route = getRouteApi("/shell/rules/$name/$version");

export function Rulebook() {
  const { name, version } = route.useParams();
  const may = useMay();
  const label = labelOf(`${name}@${version}`) ?? { name, version: 0 };
  const text = useQuery(textQuery(label));
  const explanation = useQuery(explanationQuery(label));
  const active = useQuery(rulebooksQuery).data?.items.find((one) => one.active)?.label;
  const [asked, setAsked] = useState(false);
  const named = `${name}@${version}`;
  const isActive = active === named;
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/rules">
            Rules
          </Link>
        </nav>
        <Heading title={`${name} ${version}`} />
        {text.data && may("manage") && (
          <p className="end">
            <Link className="btn off-phone" to="/rules/draft" search={{ from: named }}>
              Write a new version
            </Link>
            {!isActive && active && (
              <button className="btn primary" type="button" onClick={() => setAsked(true)}>
                Activate
              </button>
            )}
          </p>
        )}
      </div>
      <div className="wrap">
        <Loaded query={text} what="The rulebook">
          {(found) => (
            <header className="active-rules">
              <p className="quiet">
                {isActive ? "Active: every lead is scored by these rules" : <Standing found={found} />}
                {active && !isActive && (
                  <>
                    {" · "}
                    <Link className="link" to="/rules/compare" search={{ from: active, to: named }}>
                      Compare with {active}
                    </Link>
                  </>
                )}
              </p>
              <p className="opening">{found.description || "It says nothing of itself."}</p>
            </header>
          )}
        </Loaded>
        {text.data && active && !isActive && <TryOnLeads label={named} active={active} />}
        {text.data && active && !isActive && may("manage") && <StartPreview rules={label} />}
        {text.data && (
          <Loaded query={explanation} what="The explanation" rows={12}>
            {(found) => <Words explanation={found} />}
          </Loaded>
        )}
        {text.data && (
          <Part title="As it is written">
            <details>
              <summary className="quiet">YAML, {text.data.yaml.split("\n").length} lines</summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls */}
              <section className="source" tabIndex={0} aria-label="YAML">
                <pre>{text.data.yaml}</pre>
              </section>
            </details>
          </Part>
        )}
      </div>
      {asked && (
        <ActivateDialog
          label={label}
          active={active}
          onClose={() => setAsked(false)}
          onDone={() => setAsked(false)}
        />
      )}
    </main>
  );
}

function Standing({ found }: { found: { published: boolean; builtIn: boolean } }) {
  if (found.published) return "It was active before";
  return found.builtIn ? "Built in, never active here" : "Never active";
}
