import { expect, test } from "vitest";
import type { Message, Received } from "./queries";
import { momentOf, threadOf } from "./thread";

const message = (id: string, createdAt: string, more: Partial<Message> = {}) =>
  ({ id, createdAt, dueAt: null, history: [], ...more }) as unknown as Message;
const received = (eventId: string, at: string) => ({ at, event: { eventId } }) as unknown as Received;
const keys = (entries: { key: string }[]) => entries.map((one) => one.key);

test("what was sent and what was written stand in one order, newest first", () => {
  const sent = [message("m2", "2026-11-30T12:00:00Z"), message("m1", "2026-11-30T08:00:00Z")];
  const thread = threadOf(
    { items: sent, more: false },
    { items: [received("r", "2026-11-30T10:00:00Z")], more: false },
  );
  expect(keys(thread)).toEqual(["m2", "r", "m1"]);
});

test("what is older than an unread page of the other part waits for it", () => {
  const sent = [message("m2", "2026-11-30T12:00:00Z"), message("m1", "2026-11-30T08:00:00Z")];
  const replies = [received("r", "2026-11-30T10:00:00Z")];
  expect(keys(threadOf({ items: sent, more: false }, { items: replies, more: true }))).toEqual(["m2", "r"]);
  expect(keys(threadOf({ items: [], more: false }, { items: [], more: false }))).toEqual([]);
});

test("a message stands where it went out, else where it is due, else where it was written", () => {
  const history = [{ eventId: "e", type: "message.sent", at: "2026-11-30T09:00:05Z", detail: null }];
  const at = "2026-11-30T08:00:00Z";
  expect(momentOf(message("m", at, { history }))).toBe(Date.parse("2026-11-30T09:00:05Z"));
  expect(momentOf(message("m", at, { dueAt: "2026-12-01T09:00:00Z" }))).toBe(
    Date.parse("2026-12-01T09:00:00Z"),
  );
  expect(momentOf(message("m", at))).toBe(Date.parse(at));
});
