/** Messages to all leads, newest first: what waits, what is in question, and what was given up. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { messagesQuery, type Which } from "../inbox/queries";
import { SentMessage } from "../inbox/SentMessage";
import { InboxTop } from "../inbox/Tabs";
import { Pages } from "../parts/Pages";

const route = getRouteApi("/shell/inbox/messages");
const LISTS: { which: Which | undefined; name: string; empty: string }[] = [
  {
    which: undefined,
    name: "All",
    empty: "Nothing was sent yet. Write to a lead from its page or from the inbox.",
  },
  { which: "waiting", name: "Waiting", empty: "No message waits to be sent." },
  {
    which: "question",
    name: "In question",
    empty: "Of every message it is known whether it went out.",
  },
  { which: "dead", name: "Dead letters", empty: "No message was given up." },
];
const EVERY_MS = 10_000;

export function Messages() {
  const { show } = route.useSearch();
  const navigate = useNavigate();
  const messages = useInfiniteQuery({ ...messagesQuery(show), refetchInterval: EVERY_MS });
  return (
    <main id="main">
      <InboxTop title="Messages" />
      <div className="wrap">
        <section className="part" aria-label="Messages">
          <fieldset className="pick states">
            <legend className="sr">Which messages</legend>
            {LISTS.map((one) => (
              <button
                key={one.name}
                type="button"
                aria-pressed={one.which === show}
                onClick={() => void navigate({ to: "/inbox/messages", search: { show: one.which } })}
              >
                {one.name}
              </button>
            ))}
          </fieldset>
          <Pages query={messages} what="The list" empty={LISTS.find((one) => one.which === show)?.empty}>
            {(items) => (
              <ul className="entries">
                {items.map((message) => (
                  <li key={message.id}>
                    <SentMessage
                      message={message}
                      head={
                        <Link className="link" to="/leads/$leadId" params={{ leadId: message.leadId }}>
                          {message.leadId}
                        </Link>
                      }
                    />
                  </li>
                ))}
              </ul>
            )}
          </Pages>
        </section>
      </div>
    </main>
  );
}
