import { expect, test } from "vitest";
import { type Column, changed, mappingText, missing, suggestedUses } from "./mapping";

const column = (name: string, kind: string, property: string | null = name.toLowerCase()): Column => ({
  name,
  kind,
  property,
  formats: [],
});
const COLUMNS = [
  column("E-Mail", "e-mail", "email"),
  { ...column("Created", "time"), formats: ["%d.%m.%Y"] },
  column("Size", "number"),
  column("Secret", "text", null),
  column("", "text"),
];
const NOW = "2026-11-30T12:00:00Z";

test("the first address says who, the first time when, and what has a name is a property", () => {
  expect(suggestedUses(COLUMNS)).toEqual({
    "E-Mail": { as: "email" },
    Created: { as: "occurredAt" },
    Size: { as: "property", name: "size" },
    Secret: { as: "ignored" },
  });
});

test("a column whose name is that of an address says who, even if some of its cells are none", () => {
  expect(suggestedUses([column("Mail", "text", "email")])).toEqual({ Mail: { as: "email" } });
});

test("without an address an id says who", () => {
  expect(suggestedUses([column("Id", "id")])).toEqual({ Id: { as: "leadId" } });
});

test("the text has identifiers, the time with its format, and properties with their types", () => {
  const uses = suggestedUses(COLUMNS);
  expect(mappingText(COLUMNS, { source: "crm", type: "signup", uses }, NOW)).toBe(
    [
      'source: "crm"',
      "identifiers:",
      '  email: "E-Mail"',
      "events:",
      '  - type: "signup"',
      '    eventId: "crm:signup:{*|hash}"',
      '    occurredAt: {column: "Created", format: ["%d.%m.%Y"]}',
      "    properties:",
      '      "size": {column: "Size", type: number}',
      "",
    ].join("\n"),
  );
});

test("without a time the moment of the import is written down", () => {
  const uses = { Id: { as: "leadId" } } as const;
  const text = mappingText([column("Id", "id")], { source: "a", type: "b", uses }, NOW);
  expect(text).toContain('leadId: "{Id}"');
  expect(text).toContain(`occurredAt: {base: "${NOW}"}`);
});

test("what is missing is said, and two properties of one name are refused", () => {
  const wanted = { source: "crm", type: "signup", uses: {} };
  expect(missing(wanted)).toMatch(/who/);
  expect(missing({ ...wanted, source: " " })).toMatch(/come from/);
  const uses = { A: { as: "email" }, B: { as: "property", name: "x" } } as const;
  expect(missing({ ...wanted, uses })).toBeNull();
  expect(missing({ ...wanted, uses: { ...uses, C: { as: "property", name: "x" } } })).toMatch(/two .* x/i);
});

test("what one column can be for is taken from the column that had it", () => {
  const uses = changed({ A: { as: "email" }, B: { as: "ignored" } }, "B", { as: "email" });
  expect(uses).toEqual({ A: { as: "ignored" }, B: { as: "email" } });
});
