import { expect, test } from "vitest";
import { csvOf, type Suppressed, valuesIn } from "./suppressionList";

test("the first column of every line counts, without the name of the column", () => {
  expect(valuesIn('\uFEFFemail,why\r\nada@example.com,asked\r\n\r\n"ben@example.com";x\r\n')).toEqual([
    "ada@example.com",
    "ben@example.com",
  ]);
  expect(valuesIn("@example.com\n+491701234567")).toEqual(["@example.com", "+491701234567"]);
  expect(valuesIn(" \n")).toEqual([]);
});

const entry = (more: Partial<Suppressed>) =>
  ({
    value: "ada@example.com",
    kind: "email",
    scope: "all",
    why: "",
    source: "x",
    at: "t",
    ...more,
  }) as Suppressed;

test("what was exported can be read again, and no cell is a formula", () => {
  const text = csvOf([
    entry({ why: 'said "no", twice' }),
    entry({ value: "+491701234567", why: "=1+1" }),
    entry({ value: null }),
  ]);
  expect(text.split("\r\n")[1]).toBe('ada@example.com,email,all,"said ""no"", twice",x,t');
  expect(text).toContain("+491701234567,email,all,'=1+1,x,t");
  expect(valuesIn(text)).toEqual(["ada@example.com", "+491701234567", "[erased]"]);
});
