import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { isValidElement, type ReactNode } from "react";
import { Failure, Loading } from "./states";

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** What every list of pages has for TanStack Query: where it begins, and where it goes on. */
export const byCursor = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: { nextCursor: string | null }) => page.nextCursor ?? undefined,
};

interface Props<T> {
  query: UseInfiniteQueryResult<{ pages: Page<T>[] }>;
  what: string;
  /** A sentence where the list is a part of a screen, an `Empty` where it is all that the screen has. */
  empty: ReactNode;
  children: (items: T[]) => ReactNode;
}

/** A list that is read page by page, each when somebody asks for it. */
export function Pages<T>({ query, what, empty, children }: Props<T>) {
  if (query.data === undefined) {
    if (query.error) return <Failure what={what} error={query.error} retry={() => void query.refetch()} />;
    return <Loading what={what.toLowerCase()} />;
  }
  const items = query.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return isValidElement(empty) ? empty : <p className="quiet">{empty}</p>;
  return (
    <>
      {children(items)}
      {query.hasNextPage && (
        <p>
          <button
            className="btn"
            type="button"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            Show more
          </button>
        </p>
      )}
    </>
  );
}
