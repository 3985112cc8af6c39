/** The columns of a file, with what each is for. */
import { type ByColumns, changed, IDENTIFIERS, type Use } from "./mapping";
import type { Inspection } from "./queries";

const WORDS: Record<string, string> = {
  email: "who: e-mail address",
  phone: "who: telephone number",
  userId: "who: user id",
  anonymousId: "who: anonymous id",
  leadId: "who: lead id",
  occurredAt: "when it happened",
  property: "a property",
  ignored: "not read",
};
const CHOICES = [...IDENTIFIERS, "leadId", "occurredAt", "property", "ignored"] as const;

interface Props {
  columns: Inspection["columns"];
  wanted: ByColumns;
  change: (wanted: ByColumns) => void;
}

export function Columns({ columns, wanted, change }: Props) {
  const set = (column: string, use: Use) => change({ ...wanted, uses: changed(wanted.uses, column, use) });
  return (
    <div className="scrolls">
      <table className="grid-table columns-of-file">
        <caption className="sr">Columns of the file and what each is for</caption>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col" className="opt">
              Holds
            </th>
            <th scope="col">Becomes</th>
          </tr>
        </thead>
        <tbody>
          {columns
            .filter((one) => one.name !== "")
            .map((one) => (
              <Row
                key={one.name}
                column={one}
                use={wanted.uses[one.name] ?? { as: "ignored" }}
                set={(use) => set(one.name, use)}
              />
            ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  column: Inspection["columns"][number];
  use: Use;
  set: (use: Use) => void;
}

function Row({ column, use, set }: RowProps) {
  const choose = (as: string) => {
    if (as === "property") set({ as, name: column.property ?? "" });
    else set({ as: as as Exclude<Use["as"], "property"> });
  };
  return (
    <tr>
      <th scope="row" className="anywhere">
        {column.name}
        <span className="block small faint">{column.samples.join(", ") || "empty"}</span>
        {column.notes.map((note) => (
          <span key={note} className="block small soon">
            {note}
          </span>
        ))}
      </th>
      <td className="opt quiet">
        {column.kind}
        <span className="block small faint nowrap">{Math.round(column.fillRate * 100)} % filled</span>
      </td>
      <td>
        <select
          aria-label={`What ${column.name} is`}
          value={use.as}
          onChange={(event) => choose(event.target.value)}
        >
          {CHOICES.map((as) => (
            <option key={as} value={as}>
              {WORDS[as]}
            </option>
          ))}
        </select>
        {use.as === "property" && (
          <input
            aria-label={`Property of ${column.name}`}
            value={use.name}
            required
            maxLength={100}
            onChange={(event) => set({ as: "property", name: event.target.value })}
          />
        )}
        {use.as === "property" && column.personal && column.property === null && (
          <span className="block small soon">Looks personal: other names may not be encrypted.</span>
        )}
      </td>
    </tr>
  );
}
