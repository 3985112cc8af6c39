import { expect, test } from "vitest";
import { counted, ending, enrolledBy, happens } from "./said";

test.each([
  ["send", "email: Re: your demo", "E-mail “Re: your demo”"],
  ["send", "sms: Hello", "Sms “Hello”"],
  ["task", "Call", "Task: Call"],
  ["wait", "email.clicked", "Waits until then for email.clicked"],
  ["end", "finished", "The end: all steps are done"],
  ["end", "asked-for-a-demo", "The end: asked-for-a-demo"],
] as const)("%s of %s is in words", (does, detail, words) => {
  expect(happens({ does, detail })).toBe(words);
});

test("a reason that the author of a sequence wrote stays as it is", () => {
  expect(ending("manual")).toBe("Stopped by hand");
  expect(ending("my-reason")).toBe("my-reason");
});

test("people have names, programs have kinds", () => {
  const nameOf = (id: string) => (id === "p_1" ? "You" : `name of ${id}`);
  expect(enrolledBy("person:p_1", nameOf)).toBe("you");
  expect(enrolledBy("person:p_2", nameOf)).toBe("name of p_2");
  expect(enrolledBy("key:k_1", nameOf)).toBe("an API key");
  expect(enrolledBy("automation:hot", nameOf)).toBe("the automation hot");
});

test("what was counted to the end of counting says that there may be more", () => {
  expect(counted(9_999, 10_000)).toBe("9,999");
  expect(counted(10_000, 10_000)).toBe("10,000 or more");
});
