/** The leads behind a number, with what became of the message to each. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { reasonInWords } from "../campaigns/said";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { words } from "../format/words";
import { channelName } from "../inbox/channels";
import { Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { useSession } from "../session";
import { type Answer, behindQuery, type Counts, type MessageResult, rowIn } from "./queries";
import { type AnalyticsSearch, MEASURES, type Measure } from "./selection";

interface Props {
  answer: Answer;
  look: AnalyticsSearch;
  measure: Measure;
  /** The row whose number is opened; none where the period has changed meanwhile. */
  row: Counts | undefined;
  name: string;
}

export function Behind({ answer, look, measure, row, name }: Props) {
  const { zone } = useSession().person;
  const { reason, intent } = look;
  const found = useInfiniteQuery(
    behindQuery({ ...rowIn(look), by: answer.by, measure, reason, intent, from: answer.from, to: answer.to }),
  );
  const now = currentTime();
  const title = MEASURES.find(([one]) => one === measure)?.[1] ?? measure;
  return (
    <Part
      title={`${title}: ${name}`}
      aside={
        <Link
          className="link small quiet"
          to="/analytics"
          search={{ by: look.by, days: look.days }}
          resetScroll={false}
        >
          Close
        </Link>
      }
    >
      {row && measure === "withheld" && (
        <Parts look={look} of="reason" counts={row.withheldBy} inWords={reasonInWords} />
      )}
      {row && measure === "replied" && (
        <Parts look={look} of="intent" counts={row.repliedBy} inWords={words} />
      )}
      <Pages query={found} what="The leads" empty="None in this period.">
        {(items) => (
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Lead</th>
                <th scope="col">What became of it</th>
                <th scope="col" className="opt num">
                  Message of
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.messageId}>
                  <th scope="row" className="anywhere">
                    <Link className="link" to="/leads/$leadId" params={{ leadId: one.leadId }}>
                      {one.leadId}
                    </Link>
                  </th>
                  <td>{became(one, zone)}</td>
                  <td className="opt num quiet">{moment(new Date(one.at), zone, now)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </Part>
  );
}

interface PartsProps {
  look: AnalyticsSearch;
  of: "reason" | "intent";
  counts: Record<string, number>;
  inWords: (name: string) => string;
}

/** The parts of a number by reason or intent, each of which opens its own leads. */
function Parts({ look, of, counts, inWords }: PartsProps) {
  const { reason: _, intent: __, ...whole } = look;
  const parts = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return (
    <nav className="pick states" aria-label={of === "reason" ? "By reason" : "By intent"}>
      <Link
        to="/analytics"
        search={whole}
        resetScroll={false}
        activeOptions={{ exact: true }}
        aria-current={look[of] === undefined ? "true" : undefined}
      >
        All
      </Link>
      {parts.map(([name, count]) => (
        <Link
          key={name}
          to="/analytics"
          search={{ ...whole, [of]: name }}
          resetScroll={false}
          aria-current={look[of] === name ? "true" : undefined}
        >
          {inWords(name)} {count.toLocaleString("en-GB")}
        </Link>
      ))}
    </nav>
  );
}

/** What became of a message, the last first: the moment of each. */
function became(one: MessageResult, zone: string): string {
  const now = currentTime();
  if (one.fate === "withheld") return `Withheld: ${one.reasons.map(reasonInWords).join(", ")}`;
  const moments: [string, string | null][] = [
    ["won", one.wonAt],
    ["meeting", one.meetingAt],
    ["opted out", one.optedOutAt],
    ["reported as spam", one.complainedAt],
    ["bounced", one.bouncedAt],
    [one.intents.length > 0 ? `replied (${one.intents.map(words).join(", ")})` : "replied", one.repliedAt],
    ["clicked", one.clickedAt],
    ["opened", one.openedAt],
    ["delivered", one.deliveredAt],
  ];
  const [last] = moments.flatMap(([said, at]) => (at ? [`${said} ${moment(new Date(at), zone, now)}`] : []));
  const sent = one.sentAt ? `Sent by ${channelName(one.channel)}` : words(one.fate);
  return last ? `${sent}, ${last}` : sent;
}
