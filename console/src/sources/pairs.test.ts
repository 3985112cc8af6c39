import { expect, test } from "vitest";
import { faultOf, namesOf, pairsOf, withOneMore } from "./pairs";

test("rows become names and back, and an empty row is none", () => {
  const names = { "Demo Requested": "demo.requested", page: "page_view" };
  expect(namesOf(withOneMore(pairsOf(names)))).toEqual(names);
});

test("a new row has an id of its own, also after others were removed", () => {
  const pairs = withOneMore(pairsOf({ a: "b", c: "d" }).slice(1));
  expect(new Set(pairs.map((one) => one.id)).size).toBe(2);
  expect(withOneMore([])).toEqual([{ id: 0, name: "", ours: "" }]);
});

test("half a row and a name that stands twice are faults of that row alone", () => {
  const pairs = [
    { id: 0, name: "a", ours: "b" },
    { id: 1, name: " a", ours: "c" },
    { id: 2, name: "", ours: "c" },
    { id: 3, name: "d", ours: " " },
    { id: 4, name: "", ours: "" },
  ];
  const faults = pairs.map((one) => faultOf(pairs, one));
  expect(faults).toEqual([null, "a stands here twice.", expect.any(String), expect.any(String), null]);
});
