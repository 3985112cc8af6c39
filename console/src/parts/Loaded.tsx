import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failure, Loading } from "./states";

interface Props<T> {
  query: Pick<UseQueryResult<T>, "data" | "error" | "isPending" | "refetch">;
  /** What loads, for the sentence of a failure: "The list". */
  what: string;
  rows?: number;
  children: (data: T) => ReactNode;
}

/** The answer of a query, or that it loads or has failed. What was shown stays while it is read again. */
export function Loaded<T>({ query, what, rows, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failure what={what} error={query.error} retry={() => void query.refetch()} />;
  return <Loading what={what.toLowerCase()} rows={rows} />;
}
