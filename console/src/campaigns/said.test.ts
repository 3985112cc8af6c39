import { expect, test } from "vitest";
import { audienceInWords, byCount, givesInWords, reasonInWords, stateInWords } from "./said";

const EVERYBODY = {
  stage: null,
  risk: null,
  outcome: null,
  status: null,
  minScore: null,
  owner: null,
  tag: null,
  account: null,
};
const nameOf = (id: string | null) => (id === null ? "nobody" : `name of ${id}`);

test("an audience is a phrase, also where it is everybody", () => {
  expect(audienceInWords(EVERYBODY, nameOf)).toBe("every lead");
  const some = { ...EVERYBODY, stage: "hot", minScore: 0, owner: "none" };
  expect(audienceInWords(some, nameOf)).toBe("leads with stage hot, a score from 0, owner nobody");
});

test("what the leads get names the message or the sequence", () => {
  const message = { channel: "email", subject: "Thank you", text: "Hi", template: "", language: "" };
  const mail = { mode: "broadcast", message, sequence: null, window: null } as const;
  expect(givesInWords(mail)).toBe("Sends “Thank you” by e-mail");
  const window = { days: ["mon" as const], opens: "09:00", closes: "17:00", holidays: null, timezone: "UTC" };
  expect(givesInWords({ ...mail, window })).toBe(
    "Sends “Thank you” by e-mail, between 09:00 and 17:00 where they live,",
  );
  expect(givesInWords({ mode: "sequence", message: null, sequence: "nurture", window: null })).toBe(
    "Enrols in nurture",
  );
});

test("an end says why, and a reason that is not known stays", () => {
  expect(stateInWords({ state: "finished", ended: "completed" })).toBe("Finished: everybody had their turn");
  expect(reasonInWords("opted-out")).toBe("opted out");
  expect(reasonInWords("some-new-one")).toBe("some new one");
});

test("reasons stand by how often they are, ties by name", () => {
  expect(byCount({ b: 1, a: 1, c: 3 })).toEqual([
    ["c", 3],
    ["a", 1],
    ["b", 1],
  ]);
});
