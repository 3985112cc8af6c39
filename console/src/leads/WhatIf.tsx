import { words } from "../format/words";

interface Props {
  types: string[];
  without: string[];
  change: (without: string[]) => void;
}

/** A switch for each type of event: what if these did not count. */
export function WhatIf({ types, without, change }: Props) {
  const all = [...new Set([...types, ...without])];
  if (all.length === 0) return null;
  return (
    <fieldset className="switches">
      <legend className="sr">What if these did not count</legend>
      <span className="small faint" aria-hidden="true">
        Count
      </span>
      {all.map((type) => {
        const counts = !without.includes(type);
        return (
          <button
            key={type}
            className="switch"
            type="button"
            role="switch"
            aria-checked={counts}
            onClick={() => change(counts ? [...without, type] : without.filter((one) => one !== type))}
          >
            {words(type)}
          </button>
        );
      })}
    </fieldset>
  );
}
