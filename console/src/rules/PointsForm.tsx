/** The points of all rules as fields. What is typed is written into the text of the rules, which stays the draft. */
import { useState } from "react";
import { numbersOf, type RulePoints, withPoints } from "./points";

interface Props {
  text: string;
  /** The last text that was valid, and where the points of its rules are written. */
  located: { text: string; points: readonly RulePoints[] } | undefined;
  change: (text: string) => void;
  describedBy: string;
}

export function PointsForm({ text, located, change, describedBy }: Props) {
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map());
  const [own, setOwn] = useState<string | null>(null);
  if (!located || (text !== located.text && text !== own)) {
    return <p className="quiet pad">Points can be changed here once the YAML has no faults.</p>;
  }
  const write = (ruleId: string, value: string) => {
    const next = new Map(typed).set(ruleId, value);
    setTyped(next);
    const changed = withPoints(located.text, located.points, numbersOf(next));
    if (changed === null) return;
    setOwn(changed);
    change(changed);
  };
  return (
    <ul className="points-form" aria-label="Points of the rules" aria-describedby={describedBy}>
      {located.points.map(({ ruleId, label, points }) => (
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
