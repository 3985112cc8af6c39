import type { InputHTMLAttributes } from "react";

/** A labelled input, with a line of help under it. */
export function Field({
  label,
  help,
  ...input
}: { label: string; help?: string } & InputHTMLAttributes<HTMLInputElement>) {
  const id = `field-${input.name}`;
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      <input {...input} id={id} aria-describedby={help ? `${id}-help` : undefined} />
      {help && (
        <span className="small faint" id={`${id}-help`}>
          {help}
        </span>
      )}
    </p>
  );
}
