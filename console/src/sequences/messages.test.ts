import { expect, test } from "vitest";
import { messagesOf } from "./messages";

// As text, for a linter takes an object with "then" for a promise.
const DOCUMENT = `{"steps": [
  {"id": "hello", "send": "email", "subject": "Hi", "text": "first"},
  {"waitFor": ["email.clicked"],
   "then": [{"wait": {"days": 1}}, {"send": "email", "text": "second"}],
   "otherwise": [{"send": "email", "text": "third"}]},
  {"branch": [{"then": [{"end": "x"}]}, {"then": [{"send": "email", "text": "fourth"}]}],
   "otherwise": [{"send": "email", "text": "fifth"}]}
]}`;

test("messages are found at any depth by what their step is called", () => {
  const found = messagesOf(JSON.parse(DOCUMENT));
  expect([...found].map(([key, [one]]) => [key, one?.text])).toEqual([
    ["hello", "first"],
    ["2.then.2", "second"],
    ["2.otherwise.1", "third"],
    ["3.branch.2.then.1", "fourth"],
    ["3.otherwise.1", "fifth"],
  ]);
});

test("a variant without a subject has that of its step", () => {
  const variants = [
    { name: "short", text: "a" },
    { name: "long", subject: "Yours", text: "b" },
  ];
  const found = messagesOf({ steps: [{ send: "email", subject: "Hi", variants }] }).get("1");
  expect(found?.map((one) => [one.name, one.subject, one.text])).toEqual([
    ["short", "Hi", "a"],
    ["long", "Yours", "b"],
  ]);
});
