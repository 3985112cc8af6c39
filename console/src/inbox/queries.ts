import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, read, type Schemas } from "../api/client";
import { byCursor } from "../parts/Pages";

export type Conversation = Schemas["ConversationView"];
export type Message = Schemas["MessageView"];
export type Received = Schemas["TimelineEntryView"];
/** Which messages are listed: all, those that wait, those in question, or those that were given up. */
export type Which = "waiting" | "question" | "dead";

/** Leads that wait for an answer, of all channels or those that wrote last by one, the longest first. */
export function conversationsQuery(owner: string | undefined, channel: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ["inbox", "conversations", owner ?? "all", channel ?? "every"],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/conversations", {
          params: { query: { owner, channel, limit: 50, cursor: pageParam } },
        }),
      ),
    ...byCursor,
  });
}

/** Messages to all leads, newest first. */
export function messagesQuery(which: Which | undefined) {
  const filter = which === "question" ? { unknown: true } : which === undefined ? {} : { state: which };
  return infiniteQueryOptions({
    queryKey: ["inbox", "messages", which ?? "all"],
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/messages", { params: { query: { ...filter, limit: 50, cursor: pageParam } } })),
    ...byCursor,
  });
}

/** Messages to one lead, newest first. */
export function messagesOfLeadQuery(leadId: string) {
  return infiniteQueryOptions({
    queryKey: ["lead", leadId, "messages"],
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/messages", { params: { query: { leadId, limit: 50, cursor: pageParam } } })),
    ...byCursor,
  });
}

/** What one lead wrote to us, newest first. */
export function repliesQuery(leadId: string) {
  return infiniteQueryOptions({
    queryKey: ["lead", leadId, "replies"],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/leads/{lead_id}/timeline", {
          params: {
            path: { lead_id: leadId },
            query: { kind: "reply", limit: 50, cursor: pageParam },
          },
        }),
      ),
    ...byCursor,
  });
}
