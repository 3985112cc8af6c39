/** Views that people have saved: a filter with a name, an order and columns. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { columnsIn, columnsText } from "./columns";
import { type Filter, filterOf } from "./filter";

export type SavedView = Schemas["SavedViewView"];
export type Audience = "nobody" | "team" | "everyone";

export const viewsQuery = queryOptions({
  queryKey: ["views"],
  queryFn: () => read(api.GET("/api/views")),
  staleTime: 60_000,
});

/** What the address of the list holds. */
export interface ListSearch extends Filter {
  columns?: string;
  /** The id of the saved view that was opened. */
  view?: string;
}

export function listSearchOf(search: Record<string, unknown>): ListSearch {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  const columns = text(search.columns);
  return {
    ...filterOf(search),
    columns: columns && columnsText(columnsIn(columns)),
    view: text(search.view),
  };
}

/** The address that shows a view. */
export function searchOfView(view: SavedView): ListSearch {
  const set = Object.fromEntries(Object.entries(view.filter).filter(([, value]) => value !== null));
  return {
    ...filterOf({ ...set, sort: view.sort }),
    columns: columnsText(columnsIn(view.columns)),
    view: view.id,
  };
}

/** The parts of a view that the address holds. */
function contentOf({ columns, view: _, sort, ...filter }: ListSearch) {
  return { filter, sort: sort ?? "-score", columns: columns ? columnsIn(columns) : [] };
}

interface Changes {
  create: (name: string, sharedWith: Audience, search: ListSearch) => void;
  update: (view: SavedView, search: ListSearch) => void;
  remove: (view: SavedView) => void;
}

/** Save, change and delete views. `opened` is called with the address of a new one. */
export function useSavedViews(opened: (search: ListSearch) => void): Changes {
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: viewsQuery.queryKey });
  const create = useMutation({
    mutationFn: (body: { name: string; sharedWith: Audience } & ReturnType<typeof contentOf>) =>
      read(api.POST("/api/views", { body })),
    onSuccess: async (view) => {
      done(`Saved as ${view.name}.`, () => remove.mutate(view));
      await again();
      opened(searchOfView(view));
    },
    onError: sayFailure("Not saved"),
  });
  const update = useMutation({
    mutationFn: ({ view, search }: { view: SavedView; search: ListSearch }) =>
      read(
        api.PATCH("/api/views/{view_id}", {
          params: { path: { view_id: view.id } },
          body: contentOf(search),
        }),
      ),
    onSuccess: async (changed, { view }) => {
      done(`${changed.name} is changed.`, () => update.mutate({ view: changed, search: searchOfView(view) }));
      await again();
    },
    onError: sayFailure("Not changed"),
  });
  const remove = useMutation({
    mutationFn: (view: SavedView) =>
      read(api.DELETE("/api/views/{view_id}", { params: { path: { view_id: view.id } } })),
    onSuccess: async (_, view) => {
      const { name, sharedWith } = view;
      const back = () =>
        create.mutate({ name, sharedWith: sharedWith as Audience, ...contentOf(searchOfView(view)) });
      done(`${name} is deleted.`, back);
      opened({ ...searchOfView(view), view: undefined });
      await again();
    },
    onError: sayFailure("Not deleted"),
  });
  return {
    create: (name, sharedWith, search) => create.mutate({ name, sharedWith, ...contentOf(search) }),
    update: (view, search) => update.mutate({ view, search }),
    remove: (view) => remove.mutate(view),
  };
}
