import { expect, test } from "vitest";
import { columnsIn, columnsText, USUAL_COLUMNS } from "./columns";
import { listSearchOf, type SavedView, searchOfView } from "./savedViews";

test("columns come back as they were, in one order, and the usual ones are not written", () => {
  expect(columnsIn(columnsText(["tags", "stage"]))).toEqual(["stage", "tags"]);
  expect(columnsText([...USUAL_COLUMNS].reverse())).toBeUndefined();
  expect(columnsIn(undefined)).toEqual(USUAL_COLUMNS);
  expect(columnsIn("nothing,x")).toEqual(USUAL_COLUMNS);
});

test("a saved view is an address, and the address says which view it is", () => {
  const filter = { stage: "hot", risk: null, outcome: null, minScore: 0, owner: "me", tag: null };
  const view = { id: "v1", name: "Hot", filter, sort: "-lastActivityAt", columns: ["tags", "score"] };
  const search = searchOfView(view as unknown as SavedView);
  expect(search).toEqual({
    stage: "hot",
    owner: "me",
    minScore: 0,
    sort: "-lastActivityAt",
    columns: "score,tags",
    view: "v1",
  });
  expect(listSearchOf(search as Record<string, unknown>)).toEqual(search);
});
