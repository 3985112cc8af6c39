/** Names and what they become, as rows that somebody edits. Pure. */

export interface Pair {
  /** Of the row, so that it keeps its fields while others come and go. */
  id: number;
  name: string;
  ours: string;
}

export function pairsOf(names: Readonly<Record<string, string>>): Pair[] {
  return Object.entries(names).map(([name, ours], id) => ({ id, name, ours }));
}

/** The pairs with one more, empty. */
export function withOneMore(pairs: readonly Pair[]): Pair[] {
  return [...pairs, { id: Math.max(-1, ...pairs.map((one) => one.id)) + 1, name: "", ours: "" }];
}

/** The names by what they become; rows without any text are left out. */
export function namesOf(pairs: readonly Pair[]): Record<string, string> {
  const written = pairs.filter(({ name, ours }) => name.trim() !== "" || ours.trim() !== "");
  return Object.fromEntries(written.map(({ name, ours }) => [name.trim(), ours.trim()]));
}

/** What is wrong with a row, in a sentence, or null. */
export function faultOf(pairs: readonly Pair[], pair: Pair): string | null {
  const [name, ours] = [pair.name.trim(), pair.ours.trim()];
  if (name === "" && ours === "") return null;
  if (name === "") return "The name that the sender uses is missing.";
  if (ours === "") return `What ${name} becomes is missing.`;
  const first = pairs.find((one) => one.name.trim() === name);
  return first?.id === pair.id ? null : `${name} stands here twice.`;
}
