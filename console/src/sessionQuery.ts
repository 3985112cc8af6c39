import { queryOptions } from "@tanstack/react-query";
import { api, read } from "./api/client";

/** Who is signed in, and what that person may. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => read(api.GET("/api/session")),
  staleTime: 60_000,
  retry: false,
});
