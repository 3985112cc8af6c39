/** A field for YAML with numbered lines, of which those with a fault are marked. Tab leaves it, as in every field. */
import { type RefObject, type UIEvent, useRef } from "react";

interface Props {
  label: string;
  text: string;
  change: (text: string) => void;
  faulty: ReadonlySet<number>;
  field: RefObject<HTMLTextAreaElement | null>;
  describedBy: string;
}

export function Editor({ label, text, change, faulty, field, describedBy }: Props) {
  const numbers = useRef<HTMLDivElement>(null);
  const follow = (event: UIEvent<HTMLTextAreaElement>) => {
    if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop;
  };
  return (
    <div className="editor">
      <div ref={numbers} className="numbers" aria-hidden="true">
        {text.split("\n").map((_, index) => (
          <span key={`line-${index.toString()}`} className={faulty.has(index + 1) ? "faulty" : undefined}>
            {index + 1}
          </span>
        ))}
      </div>
      <textarea
        ref={field}
        aria-label={label}
        aria-describedby={describedBy}
        aria-invalid={faulty.size > 0}
        value={text}
        maxLength={64_000}
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onScroll={follow}
        onChange={(event) => change(event.target.value)}
      />
    </div>
  );
}

/** Put the cursor at a line and column, both counted from 1, and show them. */
export function goTo(field: HTMLTextAreaElement, line: number, column: number): void {
  const lines = field.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const end = before + (lines[line - 1]?.length ?? 0);
  field.focus();
  field.setSelectionRange(Math.min(before + column - 1, end), end);
  field.scrollTop = (field.scrollHeight / lines.length) * Math.max(0, line - 6);
}
