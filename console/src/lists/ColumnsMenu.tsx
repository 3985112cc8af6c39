import { ALL_COLUMNS, COLUMNS, type Column, columnsText } from "./columns";

interface Props {
  columns: readonly Column[];
  change: (columns: string | undefined) => void;
}

/** Which columns the list has; at least one stays. */
export function ColumnsMenu({ columns, change }: Props) {
  const toggle = (column: Column) => {
    const next = columns.includes(column) ? columns.filter((one) => one !== column) : [...columns, column];
    if (next.length > 0) change(columnsText(next));
  };
  return (
    <>
      <button className="chip add columns-add" type="button" popoverTarget="columns-panel">
        Columns
      </button>
      <div id="columns-panel" popover="auto" className="panel columns-panel">
        <fieldset>
          <legend className="small quiet">Columns beside the lead</legend>
          {ALL_COLUMNS.map((column) => (
            <label key={column} className="check">
              <input type="checkbox" checked={columns.includes(column)} onChange={() => toggle(column)} />
              {COLUMNS[column]}
            </label>
          ))}
        </fieldset>
      </div>
    </>
  );
}
