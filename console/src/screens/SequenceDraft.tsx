/** A new sequence, or a new version of one: written as YAML, checked while one types, said in words, activated. */
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
import { Diff } from "../rules/Diff";
import { withVersion } from "../rules/draft";
import { Editor } from "../rules/Editor";
import { Faults } from "../rules/Faults";
import { type Label, labelOf } from "../rules/queries";
import "../rules/rules.css";
import { useSettled } from "../rules/useSettled";
import { ActivateSequence } from "../sequences/ActivateSequence";
import { BEGINNING } from "../sequences/beginning";
import { type Sequence, sequencesQuery, textQuery } from "../sequences/queries";
import { Steps } from "../sequences/Steps";
import { useMay } from "../session";

const route = getRouteApi("/shell/sequences/draft");

export function SequenceDraft() {
  const may = useMay();
  const { from } = route.useSearch();
  const list = useQuery({ ...sequencesQuery, refetchInterval: false });
  const base = labelOf(from);
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/sequences">
            Sequences
          </Link>
        </nav>
        <Heading title={base ? "New version" : "New sequence"} />
      </div>
      {may("manage") ? (
        <div className="wrap">
          <Loaded query={list} what="The list">
            {({ items }) =>
              base ? (
                <Version key={from} base={base} known={items} />
              ) : (
                <Draft key="new" base={null} yaml="" beginning={BEGINNING} known={items} />
              )
            }
          </Loaded>
        </div>
      ) : (
        <p className="pad">Sequences are written by admins.</p>
      )}
    </main>
  );
}

function Version({ base, known }: { base: Label; known: Sequence[] }) {
  const text = useQuery(textQuery(base));
  const versions = known.filter((one) => one.name === base.name).map((one) => one.version);
  const next = Math.max(base.version, ...versions) + 1;
  return (
    <Loaded query={text} what="The sequence" rows={12}>
      {({ yaml }) => <Draft base={base} yaml={yaml} beginning={withVersion(yaml, next)} known={known} />}
    </Loaded>
  );
}

interface DraftProps {
  base: Label | null;
  yaml: string;
  beginning: string;
  known: Sequence[];
}

function Draft({ base, yaml, beginning, known }: DraftProps) {
  const from = base && `${base.name}@${base.version}`;
  const kept = from ? `sequence from ${from}` : "new sequence";
  const navigate = useNavigate();
  const [text, setText] = useState(() => keptText(kept) ?? beginning);
  const [asked, setAsked] = useState(false);
  const settled = useSettled(text);
  const check = useQuery({
    queryKey: ["sequences", "check", settled],
    queryFn: () => read(api.POST("/api/sequences/check", { body: { text: settled } })),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const field = useRef<HTMLTextAreaElement>(null);
  const says = useId();
  const change = (next: string) => {
    setText(next);
    keepText(kept, next === beginning ? null : next);
  };
  const isCurrent = settled === text && !check.isPlaceholderData && !check.isFetching;
  const valid = isCurrent && check.data?.valid === true;
  const faults = check.data?.faults ?? [];
  const label = { name: check.data?.name ?? "", version: check.data?.version ?? 0 };
  return (
    <>
      <header className="active-rules">
        <p className="quiet">
          {base && from ? (
            <>
              From{" "}
              <Link
                className="link"
                to="/sequences/$name/$version"
                params={{ name: base.name, version: String(base.version) }}
              >
                {from}
              </Link>
              , which stays as it is.{" "}
            </>
          ) : (
            "An example to begin with: put your own words in, and give it a name. "
          )}
          What you write stays in this tab until you activate or discard it.
        </p>
      </header>
      <Editor
        label="Sequence in YAML"
        text={text}
        change={change}
        faulty={new Set(faults.flatMap((one) => one.line ?? []))}
        field={field}
        describedBy={says}
      />
      <div id={says} role="status">
        {check.error && <Failure what="The check" error={check.error} retry={() => void check.refetch()} />}
        <Verdict check={check.data} isCurrent={isCurrent} />
      </div>
      <Faults faults={faults} field={field} />
      {from && (
        <Part title={`What differs from ${from}`}>
          <Diff before={yaml.split("\n")} after={settled.split("\n")} label="What differs in the text" />
        </Part>
      )}
      {valid && <InWords text={settled} />}
      <p className="acts publish">
        <button className="btn primary" type="button" disabled={!valid} onClick={() => setAsked(true)}>
          Activate{valid ? ` ${label.name}@${label.version}` : ""}
        </button>
        <button className="btn" type="button" disabled={text === beginning} onClick={() => change(beginning)}>
          Discard what I wrote
        </button>
        {!valid && <span className="small quiet">What has faults cannot be activated.</span>}
      </p>
      {asked && (
        <ActivateSequence
          label={label}
          active={known.find((one) => one.active && one.name === label.name)?.label}
          text={settled}
          onClose={() => setAsked(false)}
          onDone={() => {
            keepText(kept, null);
            void navigate({
              to: "/sequences/$name/$version",
              params: { name: label.name, version: String(label.version) },
            });
          }}
        />
      )}
    </>
  );
}

function Verdict({
  check,
  isCurrent,
}: {
  check: Schemas["SequenceCheckView"] | undefined;
  isCurrent: boolean;
}) {
  if (!check) return <p className="quiet small">Checking</p>;
  const { length } = check.faults;
  const said = check.valid
    ? `Valid: ${check.name}@${check.version}.`
    : `${length} ${length === 1 ? "fault" : "faults"}.`;
  return (
    <p className={check.valid ? "small quiet" : "small strong alarm"}>
      {isCurrent ? said : `${said} Checking again`}
    </p>
  );
}

function InWords({ text }: { text: string }) {
  const words = useQuery({
    queryKey: ["sequences", "explained", text],
    queryFn: () => read(api.POST("/api/sequences/explain", { body: { text } })),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  return (
    <Loaded query={words} what="The explanation" rows={4}>
      {(said) => <Steps explanation={said} />}
    </Loaded>
  );
}
