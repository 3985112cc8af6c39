import type { Filter } from "./filter";

/** A view is a filter with a name: its address is all there is to it. */
export const VIEWS: readonly { name: string; filter: Filter }[] = [
  { name: "All", filter: {} },
  { name: "Mine", filter: { owner: "me", outcome: "open" } },
  { name: "Hot", filter: { stage: "hot", outcome: "open" } },
  { name: "Qualified", filter: { stage: "qualified", outcome: "open" } },
  { name: "Nobody’s", filter: { owner: "none", outcome: "open" } },
];
