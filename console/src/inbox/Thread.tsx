import { useInfiniteQuery } from "@tanstack/react-query";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { Failure, Loading } from "../parts/states";
import { useSession } from "../session";
import { channelName } from "./channels";
import "./inbox.css";
import { messagesOfLeadQuery, type Received, repliesQuery } from "./queries";
import { SentMessage, Text } from "./SentMessage";
import { type Entry, threadOf } from "./thread";

/** The thread of a lead; both parts are read again as soon as the stream names the lead. */
export function useThread(leadId: string) {
  const messages = useInfiniteQuery(messagesOfLeadQuery(leadId));
  const replies = useInfiniteQuery(repliesQuery(leadId));
  const of = <T,>(query: { data?: { pages: { items: T[] }[] }; hasNextPage: boolean }) => ({
    items: query.data?.pages.flatMap((page) => page.items) ?? [],
    more: query.hasNextPage,
  });
  return {
    entries: threadOf(of(messages), of(replies)),
    loaded: messages.data !== undefined && replies.data !== undefined,
    error: messages.error ?? replies.error,
    again: () => void Promise.all([messages.refetch(), replies.refetch()]),
    more: messages.hasNextPage || replies.hasNextPage,
    older: () => {
      if (messages.hasNextPage) void messages.fetchNextPage();
      if (replies.hasNextPage) void replies.fetchNextPage();
    },
  };
}

interface Props {
  leadId: string;
  empty: string;
  /** The entry that stands elsewhere on the screen. */
  without?: string;
}

/** What we sent and what the lead wrote, newest first. */
export function Thread({ leadId, empty, without }: Props) {
  const { entries: all, loaded, error, again, more, older } = useThread(leadId);
  if (error && !loaded) return <Failure what="The conversation" error={error} retry={again} />;
  if (!loaded) return <Loading what="the conversation" rows={3} />;
  const entries = all.filter((one) => one.key !== without);
  if (entries.length === 0) return <p className="quiet">{empty}</p>;
  return (
    <>
      <ol className="thread">
        {entries.map((entry) => (
          <li key={entry.key} className={entry.kind}>
            <Item entry={entry} leadId={leadId} />
          </li>
        ))}
      </ol>
      {more && (
        <p>
          <button className="btn" type="button" onClick={older}>
            Show older
          </button>
        </p>
      )}
    </>
  );
}

function Item({ entry, leadId }: { entry: Entry; leadId: string }) {
  if (entry.kind === "sent") return <SentMessage message={entry.message} />;
  return <Reply received={entry.received} leadId={leadId} />;
}

function Reply({ received, leadId }: { received: Received; leadId: string }) {
  const { zone } = useSession().person;
  const text = (name: string) => {
    const value = received.event?.properties[name];
    return typeof value === "string" && value !== "[erased]" ? value : null;
  };
  const channel = text("channel");
  return (
    <>
      <div className="entry-head">
        <span className="strong">{leadId}</span>
        <span className="quiet">{channel ? `By ${channelName(channel)}` : "Wrote to us"}</span>
        <time className="quiet" dateTime={received.at}>
          {moment(new Date(received.at), zone, currentTime())}
        </time>
      </div>
      <Text subject={text("messageSubject")} text={text("messageBody")} />
    </>
  );
}
