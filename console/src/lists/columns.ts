/** The columns of the list of leads, and their form in the address: what is usual is not there. */

export const COLUMNS = {
  stage: "Stage",
  score: "Score",
  velocity: "Pace",
  nextAction: "Next",
  risk: "Risk",
  tags: "Tags",
  ownerId: "Owner",
  lastActivityAt: "Last seen",
} as const;

export type Column = keyof typeof COLUMNS;

export const ALL_COLUMNS = Object.keys(COLUMNS) as Column[];
export const USUAL_COLUMNS: readonly Column[] = [
  "stage",
  "score",
  "nextAction",
  "risk",
  "ownerId",
  "lastActivityAt",
];

/** The columns that are named, each once and in the order of the list; the usual ones if none of them is known. */
export function columnsIn(names: string | readonly string[] | undefined): Column[] {
  const wanted = typeof names === "string" ? names.split(",") : (names ?? []);
  const known = ALL_COLUMNS.filter((one) => wanted.includes(one));
  return known.length > 0 ? known : [...USUAL_COLUMNS];
}

/** The columns as text, or undefined for the usual ones. */
export function columnsText(columns: readonly Column[]): string | undefined {
  const text = ALL_COLUMNS.filter((one) => columns.includes(one)).join(",");
  return text === USUAL_COLUMNS.join(",") || text === "" ? undefined : text;
}
