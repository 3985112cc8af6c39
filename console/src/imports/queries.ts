/** Imports as the screens read them. */
import { queryOptions } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";

export const IMPORTS = ["imports"];
const EVERY_MS = 1_000;

export type Import = Schemas["ImportView"];
export type Inspection = Schemas["InspectionView"];

interface Count {
  what: string;
  count: number;
  example: string;
}

/** The report of an import as far as the screens show it. */
export interface Report {
  rows: number;
  rowsWithEvents: number;
  rowsWithoutEvents: number;
  rejectedRows: number;
  events: number;
  accepted: number;
  duplicates: number;
  conflicts: number;
  blocked: number;
  fraction: number | null;
  rejectReasons: Count[];
  noEventReasons: Count[];
  leftOut: Count[];
  unnamed: Count[];
  future: Count[];
  firstRejects: string[];
  firstConflicts: string[];
  file: string[];
  notices: string[];
  openPersonal: string[];
}

/** The report so far; none before the first batch. */
export function reportOf(found: { report: Record<string, unknown> }): Report | null {
  return "rows" in found.report ? (found.report as unknown as Report) : null;
}

export const isOpen = ({ state }: Import) => state === "waiting" || state === "running";

/** One import, asked again until it has ended. */
export function importQuery(importId: string) {
  return queryOptions({
    queryKey: [...IMPORTS, "one", importId],
    queryFn: () => read(api.GET("/api/imports/{import_id}", { params: { path: { import_id: importId } } })),
    refetchInterval: ({ state }) => (state.data && !isOpen(state.data) ? false : EVERY_MS),
  });
}

export const mappingsQuery = queryOptions({
  queryKey: ["import-mappings"],
  queryFn: () => read(api.GET("/api/import-mappings")),
});

/** A form with a file and other fields, as the body of a call that the client sends as it is. */
function form(fields: Record<string, string | File>): never {
  const data = new FormData();
  // The file last: what belongs to it has then been read.
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data as never;
}

/** What is in a file; nothing is stored. */
export function inspect(file: File): Promise<Inspection> {
  return read(api.POST("/api/imports/inspect", { body: form({ file }) }));
}

export interface Wanted {
  file: File;
  /** The text of a mapping, or the name of one that is kept. */
  mapping: { text: string } | { name: string };
  dryRun: boolean;
}

/** Send a file to be imported. */
export function startImport({ file, mapping, dryRun }: Wanted): Promise<Import> {
  const by: Record<string, string> =
    "text" in mapping ? { mapping: mapping.text } : { mappingName: mapping.name };
  return read(api.POST("/api/imports", { body: form({ ...by, dryRun: String(dryRun), file }) }));
}
