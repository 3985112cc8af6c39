import { expect, test } from "vitest";
import { placeOf } from "./Refusal";

test.each([
  ["/rules/pools/0/members/1/weight", "Pool 1, member 2, weight:"],
  ["/rules/rules/2/pool", "Rule 3, pool:"],
  ["/rules/version", "Version:"],
  ["/rules", ""],
])("the place %s is %j", (pointer, place) => {
  expect(placeOf(pointer)).toBe(place);
});
