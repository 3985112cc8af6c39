import { Problem } from "../api/client";

/** Why rules were refused, fault by fault, each with its place in the form. */
export function Refusal({ error }: { error: unknown }) {
  const problem = error instanceof Problem ? error : null;
  return (
    <div className="banner alarmed" role="alert">
      <p>{problem?.message ?? "The page made a mistake."}</p>
      {problem && problem.faults.length > 0 && (
        <ul>
          {problem.faults.map((fault) => (
            <li key={fault.pointer + fault.detail}>
              {placeOf(fault.pointer)} {fault.detail}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** `/rules/pools/0/members/1/weight` is "Pool 1, member 2, weight:". */
export function placeOf(pointer: string): string {
  const parts = pointer
    .replace(/^\/rules\/?/, "")
    .split("/")
    .filter(Boolean);
  const words = parts.flatMap((part, index) => {
    if (/^\d+$/.test(part)) return [];
    const number = parts[index + 1];
    const isListed = number !== undefined && /^\d+$/.test(number);
    return isListed ? `${part.replace(/s$/, "")} ${Number(number) + 1}` : part;
  });
  const text = words.join(", ");
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}:`;
}
