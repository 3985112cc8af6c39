import { expect, test } from "vitest";
import { actionOf, bindingsOf, type Press, SHORTCUTS, USUAL } from "./shortcuts";

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  isComposing: false,
  inField: false,
  onControl: false,
  ...more,
});

test("each action has a key of its own", () => {
  const keys = Object.values(SHORTCUTS).map((one) => one.key);
  expect(new Set(keys).size).toBe(keys.length);
});

test("a letter acts in either case, outside fields", () => {
  expect(actionOf(press("j"), true)).toBe("next");
  expect(actionOf(press("J"), true)).toBe("next");
  expect(actionOf(press("j", { inField: true }), true)).toBeNull();
  expect(actionOf(press("q"), true)).toBeNull();
});

test.each(["ctrlKey", "altKey", "metaKey", "isComposing"] as const)("%s leaves the key to others", (name) => {
  expect(actionOf(press("k", { [name]: true }), true)).toBeNull();
});

test("switched off, nothing acts", () => {
  for (const { key } of Object.values(SHORTCUTS)) expect(actionOf(press(key), false)).toBeNull();
});

test("Enter belongs to the control that has the focus", () => {
  expect(actionOf(press("Enter"), true)).toBe("open");
  expect(actionOf(press("Enter", { onControl: true }), true)).toBeNull();
});

test("another key takes over, and the usual one acts no more", () => {
  const bindings = bindingsOf({ call: "T" });
  expect(actionOf(press("t"), true, bindings)).toBe("call");
  expect(actionOf(press("c"), true, bindings)).toBeNull();
});

test.each([null, "x", { call: "j" }, { call: "F1" }, { call: " " }, { open: "o" }, { nothing: "q" }])(
  "bindings that cannot be are the usual ones: %o",
  (stored) => {
    expect(bindingsOf(stored)).toEqual(USUAL);
  },
);

test("two keys can change places", () => {
  expect(bindingsOf({ next: "k", back: "j" })).toMatchObject({ next: "k", back: "j" });
});
