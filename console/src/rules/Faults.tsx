import type { Schemas } from "../api/client";
import { goTo } from "./Editor";

type Fault = Schemas["RulebookFaultView"];

interface Props {
  faults: Fault[];
  field: { current: HTMLTextAreaElement | null };
}

/** The faults of a text, each with its line, which leads to its place in the field. */
export function Faults({ faults, field }: Props) {
  if (faults.length === 0) return null;
  return (
    <ul className="faults">
      {faults.map((fault) => (
        <FaultLine key={JSON.stringify(fault)} fault={fault} field={field} />
      ))}
    </ul>
  );
}

function FaultLine({ fault, field }: { fault: Fault; field: Props["field"] }) {
  const { line, column } = fault;
  const show = () => field.current && line !== null && goTo(field.current, line, column ?? 1);
  return (
    <li>
      {line === null ? (
        <span className="faint">whole text</span>
      ) : (
        <button className="plain link" type="button" onClick={show}>
          line {line}
        </button>
      )}
      <span>
        {fault.field && <code>{fault.field}</code>} {fault.detail}
      </span>
    </li>
  );
}
