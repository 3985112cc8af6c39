import { describe, expect, test } from "vitest";
import { changedLeads, INITIAL, type Input, pauseBefore, reduce } from "./frames";

const frame = (name: "hello" | "leads" | "hb" | "reset" | "bye", data: unknown, id = ""): Input => ({
  kind: "frame",
  name,
  id,
  data,
});
const stateAfter = (...inputs: Input[]) => inputs.reduce(reduce, INITIAL);
const hello = frame("hello", { position: 7, build: "1" }, "7");

describe("the state of the stream", () => {
  test("the first hello makes it live and names the version", () => {
    expect(stateAfter(hello)).toMatchObject({ status: "live", lastId: "7", build: "1", newVersion: false });
  });

  test("a frame without an id keeps the place to resume from", () => {
    expect(stateAfter(hello, frame("bye", { why: "stopping" })).lastId).toBe("7");
    expect(stateAfter(hello, frame("leads", { ada: 9 }, "9")).lastId).toBe("9");
  });

  test("it says since when the line is lost, and a second loss does not move that", () => {
    const lost = stateAfter(hello, { kind: "lost", at: 100 }, { kind: "lost", at: 200 });
    expect(lost).toMatchObject({ status: "offline", lostAt: 100, lastId: "7" });
  });

  test("after a loss it is catching up until what is shown has been read again", () => {
    const back = stateAfter(hello, { kind: "lost", at: 100 }, hello);
    expect(back).toMatchObject({ status: "catching-up", lostAt: 100 });
    expect(reduce(back, { kind: "caught-up" })).toMatchObject({ status: "live", lostAt: null });
  });

  test("caught up says nothing while the line is down", () => {
    expect(stateAfter(hello, { kind: "lost", at: 100 }, { kind: "caught-up" }).status).toBe("offline");
  });

  test("another version of the engine is noticed once and stays noticed", () => {
    const other = stateAfter(
      hello,
      { kind: "lost", at: 1 },
      frame("hello", { position: 8, build: "2" }, "8"),
    );
    expect(other.newVersion).toBe(true);
    expect(reduce(other, hello).newVersion).toBe(true);
  });

  test("a revoked session is no lost line; other goodbyes change nothing", () => {
    expect(stateAfter(hello, frame("bye", { why: "revoked" }), { kind: "lost", at: 1 }).status).toBe(
      "signed-out",
    );
    expect(stateAfter(hello, frame("bye", { why: "renew" })).status).toBe("live");
  });
});

test("only positions count as changes", () => {
  expect([...changedLeads({ ada: 3, bob: "4" })]).toEqual([["ada", 3]]);
  expect(changedLeads(null).size).toBe(0);
});

test("pauses grow to half a minute and are spread", () => {
  expect([0, 1, 2, 3, 4, 9].map((one) => pauseBefore(one, 1))).toEqual([1, 2, 5, 10, 30, 30]);
  expect(pauseBefore(4, 0)).toBe(15);
});
