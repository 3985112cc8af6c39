/** The form of the rules: each sends leads that fit to a pool; their order decides. */
import { type Condition, conditionInWords, type Routing, type Rule } from "./rules";

interface Props {
  routing: Routing;
  stages: string[];
  change: (rules: Rule[]) => void;
}

export function RuleFields({ routing, stages, change }: Props) {
  const { rules, pools } = routing;
  const set = (index: number, next: Partial<Rule>) =>
    change(rules.map((one, at) => (at === index ? { ...one, ...next } : one)));
  const up = (index: number) => {
    const moved = [...rules];
    const [rule] = moved.splice(index, 1);
    if (rule) moved.splice(index - 1, 0, rule);
    change(moved);
  };
  const add = () => {
    const free = Array.from({ length: rules.length + 1 }, (_, n) => `rule-${n + 1}`);
    const id = free.find((one) => rules.every((rule) => rule.id !== one)) ?? "rule";
    change([{ id, conditions: [], stages: [], pool: pools[0]?.id ?? "" }, ...rules]);
  };
  return (
    <>
      <ol className="entries">
        {rules.map((rule, index) => (
          <li key={`rule-${index.toString()}`}>
            <fieldset className="row-form">
              <legend className="sr">Rule {index + 1}</legend>
              <p className="field">
                <label htmlFor={`rule-${index}-id`}>Name of rule {index + 1}</label>
                <input
                  id={`rule-${index}-id`}
                  value={rule.id}
                  maxLength={64}
                  autoComplete="off"
                  onChange={(event) => set(index, { id: event.target.value })}
                />
              </p>
              <p className="field">
                <label htmlFor={`rule-${index}-pool`}>Leads go to</label>
                <select
                  id={`rule-${index}-pool`}
                  value={rule.pool}
                  onChange={(event) => set(index, { pool: event.target.value })}
                >
                  {!pools.some((one) => one.id === rule.pool) && (
                    <option value={rule.pool}>{rule.pool}</option>
                  )}
                  {pools.map((one) => (
                    <option key={one.id}>{one.id}</option>
                  ))}
                </select>
              </p>
              <span className="acts">
                <button className="btn small" type="button" disabled={index === 0} onClick={() => up(index)}>
                  Up<span className="sr"> with rule {index + 1}</span>
                </button>
                <button
                  className="btn small"
                  type="button"
                  disabled={rules.length === 1}
                  onClick={() => change(rules.filter((_, at) => at !== index))}
                >
                  Remove<span className="sr"> rule {index + 1}</span>
                </button>
              </span>
            </fieldset>
            <Conditions
              of={index}
              conditions={rule.conditions}
              change={(conditions) => set(index, { conditions })}
            />
            {stages.length > 0 && (
              <Stages
                legend={`Only in these stages, rule ${index + 1}`}
                all={stages}
                chosen={rule.stages}
                change={(of) => set(index, { stages: of })}
              />
            )}
          </li>
        ))}
      </ol>
      <p className="acts">
        <button className="btn" type="button" onClick={add}>
          Add a rule
        </button>
      </p>
    </>
  );
}

function Conditions(props: { of: number; conditions: Condition[]; change: (next: Condition[]) => void }) {
  const { of, conditions, change } = props;
  const set = (index: number, next: Condition) =>
    change(conditions.map((one, at) => (at === index ? next : one)));
  const remove = (index: number) => change(conditions.filter((_, at) => at !== index));
  return (
    <div className="conditions">
      {conditions.map((condition, index) => (
        <div key={`condition-${index.toString()}`} className="row-form">
          {"other" in condition ? (
            <code>{conditionInWords(condition)}</code>
          ) : (
            <>
              <p className="field">
                <label htmlFor={`rule-${of}-attribute-${index}`}>Attribute</label>
                <input
                  id={`rule-${of}-attribute-${index}`}
                  value={condition.attribute}
                  autoComplete="off"
                  placeholder="country"
                  onChange={(event) => set(index, { ...condition, attribute: event.target.value })}
                />
              </p>
              <p className="field">
                <label htmlFor={`rule-${of}-values-${index}`}>is one of</label>
                <input
                  id={`rule-${of}-values-${index}`}
                  value={condition.values}
                  autoComplete="off"
                  placeholder="DE, AT"
                  onChange={(event) => set(index, { ...condition, values: event.target.value })}
                />
              </p>
            </>
          )}
          <button className="btn small" type="button" onClick={() => remove(index)}>
            Remove<span className="sr"> the condition on {condition.attribute}</span>
          </button>
        </div>
      ))}
      <p>
        <button
          className="btn small"
          type="button"
          onClick={() => change([...conditions, { attribute: "", values: "" }])}
        >
          Add a condition<span className="sr"> to rule {of + 1}</span>
        </button>{" "}
        {conditions.length === 0 && <span className="small faint">Without one it fits all leads.</span>}
      </p>
    </div>
  );
}

interface StagesProps {
  legend: string;
  all: string[];
  chosen: string[];
  change: (chosen: string[]) => void;
}

/** Some of the stages; none stands for all. */
export function Stages({ legend, all, chosen, change }: StagesProps) {
  const toggle = (stage: string, on: boolean) =>
    change(
      on ? all.filter((one) => one === stage || chosen.includes(one)) : chosen.filter((one) => one !== stage),
    );
  return (
    <fieldset className="checks">
      <legend>{legend}</legend>
      {all.map((stage) => (
        <label key={stage} className="check">
          <input
            type="checkbox"
            checked={chosen.includes(stage)}
            onChange={(event) => toggle(stage, event.target.checked)}
          />
          {stage}
        </label>
      ))}
    </fieldset>
  );
}
