import { words } from "../format/words";

const STEPS = ["cold", "warm", "hot", "qualified"];

/** A stage as a sign of four steps, the word, and the colour, in this order of importance. */
export function Stage({ name, wordless = false }: { name: string; wordless?: boolean }) {
  const filled = STEPS.indexOf(name);
  return (
    <span className={filled < 0 ? "stage" : `stage is-${name}`}>
      {filled >= 0 && (
        <svg viewBox="0 0 13 12" fill="currentColor" aria-hidden="true">
          {STEPS.map((step, index) => (
            <rect
              key={step}
              x={index * 3.5}
              y={9 - index * 3}
              width="2.5"
              height={3 + index * 3}
              rx="0.5"
              className={index > filled ? "off" : undefined}
            />
          ))}
        </svg>
      )}
      <span className={wordless ? "sr" : undefined}>{words(name)}</span>
    </span>
  );
}
