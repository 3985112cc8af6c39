import { differingPart, diffLines, folded, type Line, pairs } from "./diff";

const SIGNS = { same: "", minus: "\u2212", plus: "+" };
const SAID = { same: "", minus: "was: ", plus: "is: " };

/** Two texts as one: what was removed and what was added, with the lines around. */
export function Diff({
  before,
  after,
  label,
}: {
  before: readonly string[];
  after: readonly string[];
  label: string;
}) {
  const lines = diffLines(before, after);
  if (lines.every((one) => one.kind === "same")) return <p className="quiet">Nothing differs.</p>;
  const partners = pairs(lines);
  return (
    // Wide lines scroll, which the keyboard can do only where the focus can go.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
    <section className="diff" tabIndex={0} aria-label={label}>
      {folded(lines).map((part, index) =>
        typeof part === "number" ? (
          <p key={`gap-${index.toString()}`} className="gap">
            {part} {part === 1 ? "line is" : "lines are"} the same
          </p>
        ) : (
          <Row key={`${part.before}:${part.after}`} line={part} partner={partners.get(part)} />
        ),
      )}
    </section>
  );
}

function Row({ line, partner }: { line: Line; partner: Line | undefined }) {
  const [head, middle, tail] = partner
    ? differingPart(line.text, partner.text)
    : [line.text === "" ? " " : line.text, "", ""];
  return (
    <p className={line.kind}>
      <span className="n" aria-hidden="true">
        {line.after ?? line.before}
      </span>
      <span className="sign" aria-hidden="true">
        {SIGNS[line.kind]}
      </span>
      <span>
        {SAID[line.kind] && <span className="sr">{SAID[line.kind]}</span>}
        {head}
        {middle && (line.kind === "minus" ? <del>{middle}</del> : <ins>{middle}</ins>)}
        {tail}
      </span>
    </p>
  );
}
