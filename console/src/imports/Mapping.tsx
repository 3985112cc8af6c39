/** How the rows of a file become events: column by column, as text, or by a mapping that is kept. */
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { api, read } from "../api/client";
import { Field } from "../parts/Field";
import { Part } from "../parts/Part";
import { useChange } from "../parts/useChange";
import { Editor } from "../rules/Editor";
import "../rules/rules.css";
import { Columns } from "./Columns";
import { type ByColumns, mappingText, missing, suggestedUses } from "./mapping";
import { type Inspection, mappingsQuery } from "./queries";

/** The mapping that was chosen: its text, or the name under which it is kept. */
export type Mapped = { text: string } | { name: string };
type Way = "columns" | "text" | "kept";

interface Props {
  fileName: string;
  found: Inspection;
  /** When rows occurred that do not say it. */
  now: string;
  /** Called with the mapping as it stands, or null while something is missing. */
  change: (mapped: Mapped | null) => void;
}

export function Mapping({ fileName, found, now, change }: Props) {
  const [way, setWay] = useState<Way>(found.recognised ? "text" : "columns");
  const [byColumns, setByColumns] = useState<ByColumns>(() => ({
    source: sourceOf(fileName),
    type: "lead.updated",
    uses: suggestedUses(found.columns),
  }));
  const [text, setText] = useState(found.mapping);
  const [name, setName] = useState("");
  const lacks = missing(byColumns);
  const mapped = mappedBy(way, {
    columns: lacks === null ? mappingText(found.columns, byColumns, now) : "",
    text,
    name,
  });
  const key = JSON.stringify(mapped);
  // biome-ignore lint/correctness/useExhaustiveDependencies: said again when it is another one
  useEffect(() => change(mapped), [key]);
  return (
    <Part title="What the rows become">
      <Ways way={way} change={setWay} />
      {way === "columns" && (
        <>
          <Frame wanted={byColumns} change={setByColumns} />
          <Columns columns={found.columns} wanted={byColumns} change={setByColumns} />
          {lacks && (
            <p className="soon" role="status">
              {lacks}
            </p>
          )}
        </>
      )}
      {way === "text" && <Text text={text} change={setText} />}
      {way === "kept" && <Kept name={name} choose={setName} />}
      {mapped !== null && "text" in mapped && <Keep text={mapped.text} />}
    </Part>
  );
}

function mappedBy(
  way: Way,
  { columns, text, name }: { columns: string; text: string; name: string },
): Mapped | null {
  if (way === "kept") return name ? { name } : null;
  const written = way === "columns" ? columns : text;
  return written.trim() ? { text: written } : null;
}

/** The name of a file as that of a source. */
const sourceOf = (fileName: string) =>
  (
    fileName
      .split(".")[0]
      ?.toLowerCase()
      .match(/[a-z0-9]+/g) ?? ["file"]
  )
    .join("-")
    .slice(0, 50);

const WAYS: Record<Way, string> = { columns: "By columns", text: "As text", kept: "A kept mapping" };

function Ways({ way, change }: { way: Way; change: (way: Way) => void }) {
  return (
    <fieldset className="pick states">
      <legend className="sr">How to say it</legend>
      {(Object.keys(WAYS) as Way[]).map((one) => (
        <button key={one} type="button" aria-pressed={one === way} onClick={() => change(one)}>
          {WAYS[one]}
        </button>
      ))}
    </fieldset>
  );
}

function Frame({ wanted, change }: { wanted: ByColumns; change: (wanted: ByColumns) => void }) {
  return (
    <div className="row-form">
      <Field
        label="Source"
        name="source"
        value={wanted.source}
        maxLength={100}
        autoComplete="off"
        onChange={(event) => change({ ...wanted, source: event.target.value })}
      />
      <Field
        label="Each row is an event of the type"
        name="type"
        value={wanted.type}
        maxLength={100}
        autoComplete="off"
        onChange={(event) => change({ ...wanted, type: event.target.value })}
      />
    </div>
  );
}

function Text({ text, change }: { text: string; change: (text: string) => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const says = useId();
  return (
    <div>
      <p className="small quiet" id={says}>
        The mapping as the command reads it, in YAML: several events per row, conditions, repeats.
      </p>
      <Editor
        label="Mapping in YAML"
        text={text}
        change={change}
        faulty={new Set()}
        field={field}
        describedBy={says}
      />
    </div>
  );
}

function Kept({ name, choose }: { name: string; choose: (name: string) => void }) {
  const mappings = useQuery(mappingsQuery);
  const items = mappings.data?.items ?? [];
  const chosen = items.find((one) => one.name === name);
  if (mappings.data && items.length === 0) {
    return <p className="quiet">None is kept yet. Write one, and keep it under a name below it.</p>;
  }
  return (
    <>
      <p className="field">
        <label htmlFor="kept">Mapping</label>
        <select id="kept" value={name} onChange={(event) => choose(event.target.value)}>
          <option value="">Choose one</option>
          {items.map((one) => (
            <option key={one.name}>{one.name}</option>
          ))}
        </select>
      </p>
      {chosen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by the keyboard
        <section className="source" aria-label={`The mapping ${chosen.name}`} tabIndex={0}>
          <pre>{chosen.text}</pre>
        </section>
      )}
    </>
  );
}

/** Keeping the mapping under a name, for the next file of the same kind. */
function Keep({ text }: { text: string }) {
  const keep = useChange([...mappingsQuery.queryKey]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get("keep")).trim();
    keep.mutate({
      call: () =>
        read(
          api.PUT("/api/import-mappings/{mapping_name}", {
            params: { path: { mapping_name: name } },
            body: { text },
          }),
        ),
      said: `The mapping is kept as ${name}.`,
      onDone: () => form.reset(),
    });
  };
  return (
    <form className="row-form" onSubmit={submit}>
      <Field
        label="Keep this mapping for the next file, as"
        name="keep"
        required
        maxLength={100}
        autoComplete="off"
      />
      <button className="btn" type="submit" disabled={keep.isPending}>
        Keep it
      </button>
    </form>
  );
}
