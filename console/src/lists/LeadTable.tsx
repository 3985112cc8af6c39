import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { currentTime } from "../clock";
import { fixed } from "../format/numbers";
import { ago } from "../format/time";
import { words } from "../format/words";
import { Stage } from "../parts/Stage";
import type { Filter, Lead, Sort } from "./filter";

interface Props {
  leads: Lead[];
  filter: Filter;
  query: string;
  marked: string | null;
  mark: (leadId: string) => void;
  sortBy: (sort: Sort) => void;
  nameOf: (id: string | null) => string;
}

/** Rows of leads; values change in place. */
export function LeadTable({ leads, filter, query, marked, mark, sortBy, nameOf }: Props) {
  const now = currentTime();
  const sort = filter.sort ?? "-score";
  return (
    <table className="leads">
      <thead>
        <tr>
          <th scope="col" className="c-name">
            Lead
          </th>
          <th scope="col" className="c-stage">
            Stage
          </th>
          <SortableColumn className="c-score num" field="score" sort={sort} sortBy={sortBy}>
            Score
          </SortableColumn>
          <th scope="col" className="c-next">
            Next
          </th>
          <th scope="col" className="c-risk">
            Risk
          </th>
          <th scope="col" className="c-owner">
            Owner
          </th>
          <SortableColumn className="c-seen num" field="lastActivityAt" sort={sort} sortBy={sortBy}>
            Last seen
          </SortableColumn>
        </tr>
      </thead>
      <tbody>
        {leads.map((lead) => (
          <Row key={lead.leadId} current={lead.leadId === marked} onPoint={() => mark(lead.leadId)}>
            <th scope="row" className="c-name">
              <Link to="/leads/$leadId" params={{ leadId: lead.leadId }} search={{ list: query }}>
                {lead.leadId}
                {lead.tags.length > 0 && <span>{lead.tags.join(", ")}</span>}
              </Link>
            </th>
            <td className="c-stage">
              <Stage name={lead.stage} />
              {lead.outcome !== "open" && <span className="faint outcome">{lead.outcome}</span>}
            </td>
            <td className="c-score num">{fixed(lead.score, 1)}</td>
            <td className="c-next">{words(lead.nextAction)}</td>
            <td className="c-risk quiet">{words(lead.risk)}</td>
            <td className={lead.ownerId === null ? "c-owner faint" : "c-owner"}>{nameOf(lead.ownerId)}</td>
            <td className="c-seen num quiet">
              {lead.lastActivityAt ? ago(new Date(lead.lastActivityAt), now) : "never"}
            </td>
          </Row>
        ))}
      </tbody>
    </table>
  );
}

function Row({
  current,
  onPoint,
  children,
}: {
  current: boolean;
  onPoint: () => void;
  children: React.ReactNode;
}) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <tr ref={row} aria-current={current ? "true" : undefined} onFocus={onPoint} onClick={onPoint}>
      {children}
    </tr>
  );
}

interface ColumnProps {
  className: string;
  field: "score" | "lastActivityAt";
  sort: Sort;
  sortBy: (sort: Sort) => void;
  children: string;
}

function SortableColumn({ className, field, sort, sortBy, children }: ColumnProps) {
  const sorted = sort === field ? "ascending" : sort === `-${field}` ? "descending" : undefined;
  return (
    <th scope="col" className={className} aria-sort={sorted}>
      <button type="button" onClick={() => sortBy(sorted === "descending" ? field : `-${field}`)}>
        {children}
        {sorted && <span aria-hidden="true">{sorted === "descending" ? " ↓" : " ↑"}</span>}
      </button>
    </th>
  );
}
