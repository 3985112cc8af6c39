import { queryOptions } from "@tanstack/react-query";
import { api, read } from "../api/client";

export const ROUTING = ["routing"];

export const versionsQuery = queryOptions({
  queryKey: [...ROUTING, "versions"],
  queryFn: () => read(api.GET("/api/routing/versions", { params: { query: { limit: 200 } } })),
});
