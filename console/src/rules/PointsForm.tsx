/** The points of all rules as fields. What is typed is written into the text of the rules, which stays the draft. */
import { useState } from "react";
import { numbersOf, type RulePoints, withPoints } from "./points";

interface Located {
  text: string;
  points: readonly RulePoints[];
}

interface Props {
  text: string;
  /** The last text without faults, and where the points of its rules are written. */
  located: Located | undefined;
  change: (text: string) => void;
  describedBy: string;
}

export function PointsForm({ text, located, change, describedBy }: Props) {
  // All that is typed counts from the text at the beginning: an emptied field has the points that it had there.
  const [base, setBase] = useState<Located>();
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map());
  if (!base && located?.text === text) setBase(located);
  if (!base) return <p className="quiet pad">Points can be changed here once the YAML has no faults.</p>;
  const write = (ruleId: string, value: string) => {
    const next = new Map(typed).set(ruleId, value);
    setTyped(next);
    const changed = withPoints(base.text, base.points, numbersOf(next));
    if (changed !== null) change(changed);
  };
  return (
    <ul className="points-form" aria-label="Points of the rules" aria-describedby={describedBy}>
      {base.points.map(({ ruleId, label, points }) => (
        <li key={ruleId} className="field">
          <label htmlFor={`points-${ruleId}`}>{label}</label>
          <input
            id={`points-${ruleId}`}
            type="number"
            step="any"
            autoComplete="off"
            value={typed.get(ruleId) ?? String(points)}
            onChange={(event) => write(ruleId, event.target.value)}
          />
        </li>
      ))}
    </ul>
  );
}
