import { type ReactNode, useRef } from "react";
import { words } from "../format/words";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";
import type { Filter } from "./filter";

interface Props {
  filter: Filter;
  change: (filter: Filter) => void;
  people: { id: string; name: string; active: boolean }[];
  nameOf: (id: string | null) => string;
  children?: ReactNode;
}

const STAGES = ["cold", "warm", "hot", "qualified"];
const RISKS = ["low", "medium", "high"];
const OUTCOMES = ["open", "won", "lost", "disqualified"];

/** The filter as chips that can be taken off, and the panel that sets them. */
export function FilterBar({ filter, change, people, nameOf, children }: Props) {
  const panel = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLSelectElement>(null);
  useActions({
    filter: () => {
      panel.current?.showPopover();
      first.current?.focus();
    },
  });
  const without = (name: keyof Filter) => change({ ...filter, [name]: undefined });
  const owner =
    filter.owner && (filter.owner === "me" ? "me" : nameOf(filter.owner === "none" ? null : filter.owner));
  return (
    <div className="filters">
      <Chip label="Stage" value={filter.stage} remove={() => without("stage")} />
      <Chip label="Risk" value={filter.risk} remove={() => without("risk")} />
      <Chip label="Outcome" value={filter.outcome} remove={() => without("outcome")} />
      <Chip label="Tag" value={filter.tag} remove={() => without("tag")} />
      <Chip label="Account" value={filter.account} remove={() => without("account")} />
      <Chip label="Owner" value={owner} remove={() => without("owner")} />
      <Chip label="Score from" value={filter.minScore?.toString()} remove={() => without("minScore")} />
      <button className="chip add" type="button" popoverTarget="filter-panel">
        Filter <Key of="filter" />
      </button>
      <div ref={panel} id="filter-panel" popover="auto" className="panel">
        <Choice
          innerRef={first}
          label="Stage"
          value={filter.stage}
          options={STAGES.map((one) => [one, words(one)])}
          choose={(stage) => change({ ...filter, stage })}
        />
        <Choice
          label="Risk"
          value={filter.risk}
          options={RISKS.map((one) => [one, words(one)])}
          choose={(risk) => change({ ...filter, risk })}
        />
        <Choice
          label="Outcome"
          value={filter.outcome}
          options={OUTCOMES.map((one) => [one, words(one)])}
          choose={(outcome) => change({ ...filter, outcome })}
        />
        <Choice
          label="Owner"
          value={filter.owner}
          options={[
            ["me", "Me"],
            ["none", "Nobody"],
            ...people.filter((one) => one.active).map((one): [string, string] => [one.id, one.name]),
          ]}
          choose={(next) => change({ ...filter, owner: next })}
        />
        <TextField label="Tag" most={64} value={filter.tag} choose={(tag) => change({ ...filter, tag })} />
        <TextField
          label="Account"
          most={255}
          hint="domain:acme.com"
          value={filter.account}
          choose={(account) => change({ ...filter, account })}
        />
        <label>
          Score from
          <input
            type="number"
            inputMode="decimal"
            value={filter.minScore ?? ""}
            onChange={(event) =>
              change({
                ...filter,
                minScore: event.target.value === "" ? undefined : Number(event.target.value),
              })
            }
          />
        </label>
      </div>
      {children}
    </div>
  );
}

function Chip({ label, value, remove }: { label: string; value: string | undefined; remove: () => void }) {
  if (value === undefined) return null;
  return (
    <span className="chip">
      <span>
        <span className="faint">{label}</span> {value}
      </span>
      <button type="button" onClick={remove} aria-label={`Without the filter ${label} ${value}`}>
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <path d="M1 1l8 8M9 1L1 9" stroke="currentColor" strokeWidth="1.5" />
        </svg>
      </button>
    </span>
  );
}

interface TextFieldProps {
  label: string;
  /** Characters. */
  most: number;
  hint?: string;
  value: string | undefined;
  choose: (text: string | undefined) => void;
}

/** A text, taken when the field is left or Enter is pressed: half of a tag finds nothing. */
function TextField({ label, most, hint, value, choose }: TextFieldProps) {
  const take = (text: string) => text.trim() !== (value ?? "") && choose(text.trim() || undefined);
  return (
    <label>
      {label}
      <input
        key={value}
        defaultValue={value ?? ""}
        maxLength={most}
        placeholder={hint}
        autoComplete="off"
        onBlur={(event) => take(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && take(event.currentTarget.value)}
      />
    </label>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: [string, string][];
  choose: (value: string | undefined) => void;
  innerRef?: React.Ref<HTMLSelectElement>;
}

function Choice({ label, value, options, choose, innerRef }: ChoiceProps) {
  return (
    <label>
      {label}
      <select
        ref={innerRef}
        value={value ?? ""}
        onChange={(event) => choose(event.target.value || undefined)}
      >
        <option value="">Any</option>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
