import { expect, test } from "vitest";
import { withVersion } from "./draft";
import { linesOf } from "./lines";
import { labelOf } from "./queries";

test("a draft has the next version, and nothing else is changed", () => {
  expect(withVersion("name: a\nversion: 2\nrules: {version: 2}", 3)).toBe(
    "name: a\nversion: 3\nrules: {version: 2}",
  );
  expect(withVersion("name: a", 3)).toBe("name: a");
});

test("a label is a name and a version", () => {
  expect(labelOf("my@rules@12")).toEqual({ name: "my@rules", version: 12 });
  for (const wrong of ["", "standard", "standard@", "@2", "standard@x", undefined])
    expect(labelOf(wrong)).toBeNull();
});

test("words are lines that can be compared", () => {
  const cell = (text: string, detail: string | null = null) => ({ text, detail, indented: false });
  const block = { text: "", lines: [], columns: [], numeric: [], rows: [] };
  const explanation = {
    name: "a",
    version: 1,
    description: "",
    chapters: [
      {
        title: "Points",
        blocks: [
          { ...block, kind: "heading" as const, text: "Website" },
          {
            ...block,
            kind: "table" as const,
            columns: ["Points", "What happened", "Cap"],
            rows: [[cell("+5"), cell("Looked at prices", "page_view"), cell("0 to 15")]],
          },
          { ...block, kind: "entry" as const, text: "Call", lines: ["At once."] },
        ],
      },
    ],
  };
  expect(linesOf(explanation)).toEqual([
    "Points",
    "Website",
    "+5, Looked at prices (page_view), cap 0 to 15",
    "Call",
    "At once.",
  ]);
});
