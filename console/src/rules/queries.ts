import { queryOptions } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";

export type Entry = Schemas["RulebookEntryView"];
export type Text = Schemas["RulebookTextView"];
export type Explanation = Schemas["ExplanationView"];

const MOST = 200;

export interface Label {
  name: string;
  version: number;
}

/** Name and version of a label such as `standard@2`; null for what is none. */
export function labelOf(text: string | undefined): Label | null {
  const found = /^(.+)@(\d{1,9})$/.exec(text ?? "");
  return found?.[1] ? { name: found[1], version: Number(found[2]) } : null;
}

export const rulebooksQuery = queryOptions({
  queryKey: ["rules", "list"],
  queryFn: () => read(api.GET("/api/rulebooks", { params: { query: { limit: MOST } } })),
});

const path = ({ name, version }: Label) => ({ params: { path: { name, version: String(version) } } });

export const textQuery = (label: Label) =>
  queryOptions({
    queryKey: ["rules", "text", label.name, label.version],
    queryFn: () => read(api.GET("/api/rulebooks/{name}/{version}", path(label))),
  });

export const explanationQuery = (label: Label) =>
  queryOptions({
    queryKey: ["rules", "explanation", label.name, label.version],
    queryFn: () => read(api.GET("/api/rulebooks/{name}/{version}/explanation", path(label))),
    staleTime: Number.POSITIVE_INFINITY,
  });
