/** The mapping of a source as it is edited: three lists of names, checked row by row, saved as a whole. */
import { type FormEvent, useState } from "react";
import { api, Problem, read, type Schemas } from "../api/client";
import { Field } from "../parts/Field";
import { useChange } from "../parts/useChange";
import { faultOf, namesOf, type Pair, pairsOf, withOneMore } from "./pairs";
import { SOURCES } from "./queries";

type SourceView = Schemas["SourceView"];
type Lists = Record<ListName, Pair[]>;
type ListName = keyof typeof LISTS;

const LISTS = {
  events: { title: "Event types", name: "Event of the sender", ours: "Type here", example: "Demo Requested" },
  properties: {
    title: "Properties",
    name: "Name, or path with dots",
    ours: "Property here",
    example: "context.page.title",
  },
  identifiers: { title: "Identifiers", name: "Kind", ours: "Path in the message", example: "" },
} as const;
const KINDS = ["userId", "anonymousId", "email", "phone"];

export function MappingForm({ source, onClose }: { source: SourceView; onClose: () => void }) {
  const [lists, setLists] = useState<Lists>(() => ({
    events: withOneMore(pairsOf(source.events)),
    properties: withOneMore(pairsOf(source.properties)),
    identifiers: pairsOf(source.identifiers),
  }));
  const save = useChange(SOURCES);
  const names = Object.keys(LISTS) as ListName[];
  const isWrong = names.some((list) => lists[list].some((one) => faultOf(lists[list], one) !== null));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const origins = String(new FormData(event.currentTarget).get("origins"))
      .split(/[\s,]+/)
      .filter(Boolean);
    const body = {
      origins,
      events: namesOf(lists.events),
      properties: namesOf(lists.properties),
      identifiers: namesOf(lists.identifiers),
    };
    save.mutate({
      call: () =>
        read(api.PATCH("/api/sources/{source_id}", { params: { path: { source_id: source.id } }, body })),
      said: "Changed. It holds for messages within two seconds; rejected ones can be taken again.",
      onDone: onClose,
    });
  };
  const faults = save.error instanceof Problem ? save.error.faults : [];
  return (
    <form className="mapping-form" onSubmit={submit}>
      {names.map((list) => (
        <List
          key={list}
          list={list}
          pairs={lists[list]}
          change={(pairs) => setLists({ ...lists, [list]: pairs })}
        />
      ))}
      <Field
        label="Web pages that send with its key"
        name="origins"
        defaultValue={source.origins.join(", ")}
        autoComplete="off"
        help="None: it is for servers and apps."
      />
      {faults.length > 0 && (
        <ul className="alarm small" role="alert">
          {faults.map((one) => (
            <li key={one.pointer + one.detail}>
              <code>{one.pointer}</code> {one.detail}
            </li>
          ))}
        </ul>
      )}
      <p className="acts">
        <button className="btn primary" type="submit" disabled={isWrong || save.isPending}>
          Save the mapping
        </button>
        <button className="btn" type="button" onClick={onClose}>
          Cancel
        </button>
      </p>
    </form>
  );
}

interface ListProps {
  list: ListName;
  pairs: Pair[];
  change: (pairs: Pair[]) => void;
}

function List({ list, pairs, change }: ListProps) {
  const set = (next: Pair) => change(pairs.map((one) => (one.id === next.id ? next : one)));
  return (
    <fieldset className="pairs-of-names">
      <legend className="head">{LISTS[list].title}</legend>
      {pairs.map((pair) => (
        <Row
          key={pair.id}
          list={list}
          pair={pair}
          fault={faultOf(pairs, pair)}
          set={set}
          remove={() => change(pairs.filter((one) => one.id !== pair.id))}
        />
      ))}
      <p>
        <button className="btn small" type="button" onClick={() => change(withOneMore(pairs))}>
          One more<span className="sr"> of {LISTS[list].title}</span>
        </button>
      </p>
    </fieldset>
  );
}

interface RowProps {
  list: ListName;
  pair: Pair;
  fault: string | null;
  set: (pair: Pair) => void;
  remove: () => void;
}

function Row({ list, pair, fault, set, remove }: RowProps) {
  const words = LISTS[list];
  return (
    <div className="pair">
      {list === "identifiers" ? (
        <select
          aria-label={words.name}
          value={pair.name}
          onChange={(event) => set({ ...pair, name: event.target.value })}
        >
          <option value="">Choose a kind</option>
          {KINDS.map((kind) => (
            <option key={kind}>{kind}</option>
          ))}
        </select>
      ) : (
        <input
          aria-label={words.name}
          placeholder={words.example}
          value={pair.name}
          maxLength={200}
          aria-invalid={fault !== null}
          onChange={(event) => set({ ...pair, name: event.target.value })}
        />
      )}
      <span className="faint">is</span>
      <input
        aria-label={words.ours}
        value={pair.ours}
        maxLength={200}
        aria-invalid={fault !== null}
        onChange={(event) => set({ ...pair, ours: event.target.value })}
      />
      <button className="btn small bare" type="button" onClick={remove}>
        Remove<span className="sr"> {pair.name}</span>
      </button>
      {fault && <p className="small soon">{fault}</p>}
    </div>
  );
}
