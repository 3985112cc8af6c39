import { QueryCache, QueryClient } from "@tanstack/react-query";
import { Problem } from "./api/client";

/** The cache of what the server has said. A session that has ended is noticed by whichever call meets it first. */
export const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (error instanceof Problem && error.status === 401 && query.queryKey[0] !== "session") {
        client.invalidateQueries({ queryKey: ["session"] }).catch(() => undefined);
      }
    },
  }),
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      retry: (count, error) =>
        count < 2 && error instanceof Problem && (error.status === 0 || error.status >= 500),
    },
  },
});
