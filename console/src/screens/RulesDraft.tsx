/** A new version of rules: written as YAML or as points in a form, checked while one types, compared with what it came from, activated. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useId, useRef, useState } from "react";
import { api, read, type Schemas } from "../api/client";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { keepText, keptText } from "../parts/kept";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { Failure } from "../parts/states";
import { StartPreview } from "../rulelab/StartPreview";
import { ActivateDialog } from "../rules/ActivateDialog";
import { Diff } from "../rules/Diff";
import { withVersion } from "../rules/draft";
import { Editor } from "../rules/Editor";
import { Faults } from "../rules/Faults";
import { PointsForm } from "../rules/PointsForm";
import { type Label, labelOf, rulebooksQuery, textQuery } from "../rules/queries";
import "../rules/rules.css";
import { useSettled } from "../rules/useSettled";
import { useMay } from "../session";

const route = getRouteApi("/shell/rules/draft");

export function RulesDraft() {
  const may = useMay();
  const { from } = route.useSearch();
  const list = useQuery(rulebooksQuery);
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/rules">
            Rules
          </Link>
        </nav>
        <Heading title="New version" />
      </div>
      {may("manage") ? (
        <div className="wrap">
          <Loaded query={list} what="The list">
            {({ items }) => {
              const active = items.find((one) => one.active)?.label;
              const base = labelOf(from ?? active);
              if (!base) return <p className="pad">There is no rulebook {from}.</p>;
              const versions = items.filter((one) => one.name === base.name).map((one) => one.version);
              return <Base base={base} next={Math.max(0, ...versions) + 1} active={active} />;
            }}
          </Loaded>
        </div>
      ) : (
        <p className="pad">Rules are written by admins.</p>
      )}
    </main>
  );
}

function Base({ base, next, active }: { base: Label; next: number; active: string | undefined }) {
  const text = useQuery(textQuery(base));
  return (
    <Loaded query={text} what="The rulebook" rows={12}>
      {({ yaml }) => (
        <Draft
          key={`${base.name}@${base.version}`}
          base={base}
          yaml={yaml}
          beginning={withVersion(yaml, next)}
          active={active}
        />
      )}
    </Loaded>
  );
}

interface DraftProps {
  base: Label;
  yaml: string;
  beginning: string;
  active: string | undefined;
}

function Draft({ base, yaml, beginning, active }: DraftProps) {
  const from = `${base.name}@${base.version}`;
  const navigate = useNavigate();
  const [text, setText] = useState(() => keptText(`rules from ${from}`) ?? beginning);
  const [asked, setAsked] = useState(false);
  const settled = useSettled(text);
  const check = useQuery({
    queryKey: ["rules", "check", settled],
    queryFn: async () => ({
      text: settled,
      ...(await read(api.POST("/api/rulebooks/check", { body: { text: settled } }))),
    }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const [located, setLocated] = useState<NonNullable<typeof check.data>>();
  if (check.data && check.data !== located && check.data.points.length > 0) setLocated(check.data);
  const [asForm, setAsForm] = useState(false);
  const [discarded, setDiscarded] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const says = useId();
  const change = (next: string) => {
    setText(next);
    keepText(`rules from ${from}`, next === beginning ? null : next);
  };
  const discard = () => {
    setDiscarded(discarded + 1);
    change(beginning);
  };
  const isCurrent = settled === text && !check.isPlaceholderData && !check.isFetching;
  const valid = isCurrent && check.data?.valid === true;
  const faults = check.data?.faults ?? [];
  const label = { name: check.data?.name ?? "", version: check.data?.version ?? 0 };
  return (
    <>
      <header className="active-rules">
        <p className="quiet">
          From{" "}
          <Link
            className="link"
            to="/rules/$name/$version"
            params={{ name: base.name, version: String(base.version) }}
          >
            {from}
          </Link>
          , which stays as it is. What you write stays in this tab until you activate or discard it.
        </p>
      </header>
      <fieldset className="pick draft-as">
        <legend className="sr">Write as</legend>
        <button type="button" aria-pressed={!asForm} onClick={() => setAsForm(false)}>
          YAML
        </button>
        <button type="button" aria-pressed={asForm} onClick={() => setAsForm(true)}>
          Points
        </button>
      </fieldset>
      {asForm ? (
        <PointsForm key={discarded} text={text} located={located} change={change} describedBy={says} />
      ) : (
        <Editor
          label="Rules in YAML"
          text={text}
          change={change}
          faulty={new Set(faults.flatMap((one) => one.line ?? []))}
          field={field}
          describedBy={says}
        />
      )}
      <div id={says} role="status">
        {check.error && <Failure what="The check" error={check.error} retry={() => void check.refetch()} />}
        <Verdict check={check.data} isCurrent={isCurrent} />
      </div>
      <Faults faults={faults} field={field} />
      <Part title={`What differs from ${from}`}>
        <Diff before={yaml.split("\n")} after={settled.split("\n")} label="What differs in the text" />
      </Part>
      {valid && <ChangesInWords base={base} text={settled} />}
      {valid && <StartPreview rules={{ text: settled }} />}
      <p className="acts publish">
        <button className="btn primary" type="button" disabled={!valid} onClick={() => setAsked(true)}>
          Activate{valid ? ` ${label.name}@${label.version}` : ""}
        </button>
        <button className="btn" type="button" disabled={text === beginning} onClick={discard}>
          Discard what I wrote
        </button>
        {!valid && <span className="small quiet">A version with faults cannot be activated.</span>}
      </p>
      {asked && (
        <ActivateDialog
          label={label}
          active={active}
          text={settled}
          onClose={() => setAsked(false)}
          onDone={() => {
            keepText(`rules from ${from}`, null);
            void navigate({
              to: "/rules/$name/$version",
              params: { name: label.name, version: String(label.version) },
            });
          }}
        />
      )}
    </>
  );
}

function Verdict({ check, isCurrent }: { check: Schemas["CheckView"] | undefined; isCurrent: boolean }) {
  if (!check) return <p className="quiet small">Checking</p>;
  const { length } = check.faults;
  const said = check.valid
    ? `Valid: ${check.rules} rules that score, ${check.automations} automations.`
    : `${length} ${length === 1 ? "fault" : "faults"}${length === 100 ? " or more" : ""}.`;
  return (
    <p className={check.valid ? "small quiet" : "small strong alarm"}>
      {isCurrent ? said : `${said} Checking again`}
    </p>
  );
}

function ChangesInWords({ base, text }: { base: Label; text: string }) {
  const difference = useQuery({
    queryKey: ["rules", "difference", base, text],
    queryFn: () => read(api.POST("/api/rulebooks/diff", { body: { text, against: base } })),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  return (
    <Part title="The changes in words">
      <Loaded query={difference} what="The comparison" rows={2}>
        {({ changes }) =>
          changes.length === 0 ? (
            <p className="quiet">The rules are the same.</p>
          ) : (
            <ul className="points">
              {changes.map((one) => (
                <li key={one.place.join(" ")}>{one.text}</li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Part>
  );
}
