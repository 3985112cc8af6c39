import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, read } from "../api/client";
import { filterIn } from "./filter";

export const PAGE = 100;
/** Pages that are kept; beyond them a narrower filter serves better than a longer list. */
export const MOST_PAGES = 10;

/** Pages of leads for a filter, which is given as the text of its query. */
export function leadsQuery(query: string) {
  return infiniteQueryOptions({
    queryKey: ["leads", query],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/leads", { params: { query: { ...filterIn(query), limit: PAGE, cursor: pageParam } } }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last, pages) =>
      pages.length < MOST_PAGES ? (last.nextCursor ?? undefined) : undefined,
    staleTime: Number.POSITIVE_INFINITY, // the stream says what has changed
  });
}
