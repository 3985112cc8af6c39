import { expect, test } from "vitest";
import { contactOf, telephone } from "./contact";
import type { Entry } from "./queries";

const update = (properties: Record<string, unknown>) => ({ event: { properties } }) as Entry;

test("of each fact the newest that is there", () => {
  const entries = [
    update({ phone: "+49 30 1234", city: "Berlin" }),
    update({ phone: "+1 1", name: " Ada Probe ", timezone: "Europe/Berlin" }),
  ];
  expect(contactOf(entries)).toEqual({
    name: "Ada Probe",
    company: null,
    email: null,
    phone: "+49 30 1234",
    zone: "Europe/Berlin",
  });
});

test("what was erased, taken back, or is no zone is nothing", () => {
  expect(contactOf([update({ email: "[erased]" }), update({ email: "a@b.c" })]).email).toBeNull();
  expect(contactOf([update({ phone: null }), update({ phone: "1" })]).phone).toBeNull();
  expect(contactOf([update({ timezone: "Mars/Olympus" })]).zone).toBeNull();
  expect(contactOf([update({ timezone: "+02:00" })]).zone).toBeNull();
  expect(contactOf([])).toMatchObject({ name: null, phone: null });
});

test("a telephone number is dialled without what stands between its digits", () => {
  expect(telephone("+49 (30) 12-34")).toBe("tel:+49301234");
});
