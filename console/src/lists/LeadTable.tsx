import { Link } from "@tanstack/react-router";
import { memo, useCallback, useEffect, useRef } from "react";
import { currentTime } from "../clock";
import { fixed } from "../format/numbers";
import { ago } from "../format/time";
import { words } from "../format/words";
import { Stage } from "../parts/Stage";
import { COLUMNS, type Column } from "./columns";
import type { Filter, Lead, Sort } from "./filter";

interface Props {
  leads: Lead[];
  columns: readonly Column[];
  filter: Filter;
  query: string;
  marked: string | null;
  mark: (leadId: string) => void;
  /** The ids of selected leads and what changes them; null where nothing can be done with a selection. */
  selection: Selection | null;
  sortBy: (sort: Sort) => void;
  nameOf: (id: string | null) => string;
}

interface Selection {
  selected: ReadonlySet<string>;
  toggle: (leadId: string) => void;
  all: (on: boolean) => void;
}

const CLASSES: Record<Column, string> = {
  stage: "c-stage",
  score: "c-score num",
  velocity: "c-pace num",
  nextAction: "c-next",
  risk: "c-risk",
  tags: "c-tags",
  ownerId: "c-owner",
  lastActivityAt: "c-seen num",
};
const SORTED: Partial<Record<Column, "score" | "velocity" | "lastActivityAt">> = {
  score: "score",
  velocity: "velocity",
  lastActivityAt: "lastActivityAt",
};

/** Rows of leads; values change in place. */
export function LeadTable(props: Props) {
  const { leads, columns, filter, query, marked, selection, sortBy, nameOf } = props;
  const now = currentTime();
  const sort = filter.sort ?? "-score";
  const columnsKey = columns.join(",");
  const latest = useRef(props);
  latest.current = props;
  // The same function all the time, so that a row is drawn again only when something of it has changed.
  const act = useCallback((leadId: string, what: "mark" | "select") => {
    if (what === "mark") latest.current.mark(leadId);
    else latest.current.selection?.toggle(leadId);
  }, []);
  return (
    <table className="leads">
      <thead>
        <tr>
          {selection && (
            <th scope="col" className="c-pick">
              <input
                type="checkbox"
                aria-label="Select all that are shown"
                checked={leads.every((one) => selection.selected.has(one.leadId))}
                onChange={(event) => selection.all(event.target.checked)}
              />
            </th>
          )}
          <th scope="col" className="c-name">
            Lead
          </th>
          {columns.map((column) => (
            <ColumnHead key={column} column={column} sort={sort} sortBy={sortBy} />
          ))}
        </tr>
      </thead>
      <tbody>
        {leads.map((lead) => (
          <Row
            key={lead.leadId}
            lead={lead}
            columns={columnsKey}
            query={query}
            owner={nameOf(lead.ownerId)}
            seen={lead.lastActivityAt ? ago(new Date(lead.lastActivityAt), now) : "never"}
            current={lead.leadId === marked}
            selected={selection?.selected.has(lead.leadId) ?? null}
            act={act}
          />
        ))}
      </tbody>
    </table>
  );
}

interface CellProps {
  column: Column;
  lead: Lead;
  owner: string;
  seen: string;
}

function Cell({ column, lead, owner, seen }: CellProps) {
  const className = CLASSES[column];
  switch (column) {
    case "stage":
      return (
        <td className={className}>
          <Stage name={lead.stage} />
          {lead.outcome !== "open" && <span className="faint outcome">{lead.outcome}</span>}
        </td>
      );
    case "score":
      return <td className={className}>{fixed(lead.score, 1)}</td>;
    case "velocity":
      return <td className={`${className} quiet`}>{fixed(lead.velocity, 1)}</td>;
    case "nextAction":
      return <td className={className}>{words(lead.nextAction)}</td>;
    case "risk":
      return <td className={`${className} quiet`}>{words(lead.risk)}</td>;
    case "tags":
      return <td className={`${className} quiet`}>{lead.tags.join(", ")}</td>;
    case "ownerId":
      return <td className={lead.ownerId === null ? `${className} faint` : className}>{owner}</td>;
    case "lastActivityAt":
      return <td className={`${className} quiet`}>{seen}</td>;
  }
}

interface RowProps {
  lead: Lead;
  /** The columns as text: equal columns are equal. */
  columns: string;
  query: string;
  owner: string;
  seen: string;
  current: boolean;
  /** Whether it is selected; null where nothing can be selected. */
  selected: boolean | null;
  act: (leadId: string, what: "mark" | "select") => void;
}

const Row = memo(function Row({ lead, columns, query, owner, seen, current, selected, act }: RowProps) {
  const row = useRef<HTMLTableRowElement>(null);
  const { leadId } = lead;
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const shown = columns.split(",") as Column[];
  return (
    <tr
      ref={row}
      className={selected ? "selected" : undefined}
      aria-current={current ? "true" : undefined}
      onFocus={() => act(leadId, "mark")}
      onClick={() => act(leadId, "mark")}
    >
      {selected !== null && (
        <td className="c-pick">
          <input
            type="checkbox"
            aria-label={`Select ${leadId}`}
            checked={selected}
            onChange={() => act(leadId, "select")}
          />
        </td>
      )}
      <th scope="row" className="c-name">
        <Link to="/leads/$leadId" params={{ leadId }} search={{ list: query }}>
          {leadId}
          {lead.tags.length > 0 && !shown.includes("tags") && <span>{lead.tags.join(", ")}</span>}
        </Link>
      </th>
      {shown.map((column) => (
        <Cell key={column} column={column} lead={lead} owner={owner} seen={seen} />
      ))}
    </tr>
  );
});

interface ColumnProps {
  column: Column;
  sort: Sort;
  sortBy: (sort: Sort) => void;
}

function ColumnHead({ column, sort, sortBy }: ColumnProps) {
  const field = SORTED[column];
  if (!field) {
    return (
      <th scope="col" className={CLASSES[column]}>
        {COLUMNS[column]}
      </th>
    );
  }
  const sorted = sort === field ? "ascending" : sort === `-${field}` ? "descending" : undefined;
  const other = sorted === "descending" && field !== "velocity" ? field : (`-${field}` as const);
  return (
    <th scope="col" className={CLASSES[column]} aria-sort={sorted}>
      <button type="button" onClick={() => sortBy(other)}>
        {COLUMNS[column]}
        {sorted && <span aria-hidden="true">{sorted === "descending" ? " ↓" : " ↑"}</span>}
      </button>
    </th>
  );
}
