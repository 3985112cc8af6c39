/** A sequence in words, step by step: what each does, the words of each message, and what belongs to which case. */
import { Part } from "../parts/Part";
import type { Explanation } from "../rules/queries";
import { Words } from "../rules/Words";
import type { Wording } from "./messages";
import "./sequences.css";

const STEPS = "Steps";
/** Steps inside a case are indented by so many spaces, and the words before them by half of that. */
const INDENT = 4;
const DEEPEST = 4;

interface Props {
  explanation: Explanation;
  messages?: Map<string, Wording[]>;
}

export function Steps({ explanation, messages }: Props) {
  const frame = explanation.chapters.filter((one) => one.title !== STEPS);
  const steps = explanation.chapters.find((one) => one.title === STEPS)?.blocks ?? [];
  return (
    <>
      <Part title={STEPS}>
        <ol className="steps">
          {steps.map((one) => {
            const name = one.text.trim();
            const spaces = one.text.length - one.text.trimStart().length;
            const depth = Math.min(DEEPEST, Math.ceil(spaces / INDENT));
            if (one.lines.length === 0) {
              return (
                <li key={one.text} className={`case depth-${depth}`}>
                  {name}
                </li>
              );
            }
            return (
              <li key={one.text} className={`depth-${depth}`}>
                <p>
                  <span className="faint step-name">{name}</span> {one.lines.join(" ").trim()}
                </p>
                {messages?.get(name)?.map((wording) => (
                  <Letter key={wording.name} wording={wording} />
                ))}
              </li>
            );
          })}
        </ol>
      </Part>
      <Words explanation={{ ...explanation, chapters: frame }} />
    </>
  );
}

function Letter({ wording: { name, subject, text, template } }: { wording: Wording }) {
  return (
    <div className="letter">
      {name && <p className="small faint">Variant {name}</p>}
      {subject && <p className="strong">{subject}</p>}
      <p className="letter-text">{template ? `The template ${template}` : text.trim()}</p>
    </div>
  );
}
