/** What became of messages, in numbers per sequence, step, variant, channel or campaign; every number opens its leads. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Behind } from "../analytics/Behind";
import {
  type Answer,
  beginning,
  type Counts,
  campaignNamesQuery,
  countsQuery,
  rowIn,
} from "../analytics/queries";
import {
  type AnalyticsSearch,
  GROUPINGS,
  type Grouping,
  MEASURES,
  type Measure,
  PERIODS,
  rowOf,
  shareInWords,
  USUAL_DAYS,
} from "../analytics/selection";
import { words } from "../format/words";
import { channelName } from "../inbox/channels";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { Empty } from "../parts/states";
import "../rules/rules.css";

const route = getRouteApi("/shell/analytics");
/** A link without a parameter is not the one for an address that has it. */
const OWN = { explicitUndefined: true };

export function Analytics() {
  const look = route.useSearch();
  const { by = "sequence", days = USUAL_DAYS } = look;
  const found = useQuery(countsQuery(by, days));
  const csv = new URLSearchParams({ by, from: beginning(days) }).toString();
  return (
    <main id="main">
      <div className="top">
        <Heading title="Analytics" />
        <p className="end">
          <a className="btn" href={`/api/outreach/analytics.csv?${csv}`} download>
            As CSV
          </a>
        </p>
      </div>
      <div className="wrap">
        <div className="part">
          <p className="acts">
            <nav className="pick states" aria-label="One row for each">
              {GROUPINGS.map((one) => (
                <Link
                  key={one}
                  to="/analytics"
                  search={{ by: one === "sequence" ? undefined : one, days: look.days }}
                  activeOptions={OWN}
                  aria-current={by === one ? "true" : undefined}
                >
                  {words(one)}
                </Link>
              ))}
            </nav>
            <nav className="pick states" aria-label="Period">
              {PERIODS.map((one) => (
                <Link
                  key={one}
                  to="/analytics"
                  search={{ by: look.by, days: one === USUAL_DAYS ? undefined : one }}
                  activeOptions={OWN}
                  aria-current={days === one ? "true" : undefined}
                >
                  {one === 365 ? "Year" : `${one} days`}
                </Link>
              ))}
            </nav>
          </p>
          <Loaded query={found} what="The numbers">
            {(answer) =>
              answer.items.length === 0 ? (
                <None by={by} days={days} />
              ) : (
                <Numbers answer={answer} look={look} />
              )
            }
          </Loaded>
        </div>
      </div>
    </main>
  );
}

function None({ by, days }: { by: Grouping; days: number }) {
  return (
    <Empty title={`No message in the last ${days} days`}>
      <p className="measure">
        {by === "campaign" ? (
          <>
            A{" "}
            <Link className="link" to="/campaigns">
              campaign
            </Link>{" "}
            that was started has a row here.
          </>
        ) : by === "channel" ? (
          "Every message that goes out has a channel, and is counted here."
        ) : (
          <>
            Messages of{" "}
            <Link className="link" to="/sequences">
              sequences
            </Link>{" "}
            are counted here. Enrol a lead on its page, and the first comes in its next working hours.
          </>
        )}
      </p>
    </Empty>
  );
}

function useNames(answer: Answer): (row: Counts) => string {
  const campaigns = useQuery({ ...campaignNamesQuery, enabled: answer.by === "campaign" });
  return (row) => {
    if (row.campaign !== null) {
      return campaigns.data?.items.find((one) => one.id === row.campaign)?.name ?? row.campaign;
    }
    if (row.sequence === null) return words(channelName(row.channel ?? "no channel"));
    return [`${row.sequence}@${row.version}`, row.step, row.variant]
      .filter((one) => one !== null)
      .join(" · ");
  };
}

function Numbers({ answer, look }: { answer: Answer; look: AnalyticsSearch }) {
  const nameOf = useNames(answer);
  const opened = look.measure && answer.items.find((row) => isSame(rowOf(row), look));
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls */}
      <section className="scrolls" tabIndex={0} aria-label="Numbers">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">{words(answer.by)}</th>
              {MEASURES.map(([name, said]) => (
                <th key={name} scope="col" className="num">
                  {said}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {answer.items.map((row) => (
              <tr key={JSON.stringify(rowOf(row))}>
                <th scope="row">{nameOf(row)}</th>
                {MEASURES.map(([measure, said]) => (
                  <td key={measure} className="num">
                    <OneNumber row={row} measure={measure} said={`${said}, ${nameOf(row)}`} look={look} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="small faint">
        Opens and clicks of machines are left out. Won: leads whose deal was won within {answer.windowDays}{" "}
        days after a message; one lead may count in several rows.
        {answer.by === "variant" &&
          " In brackets: how far chance alone may carry a share of so few messages, in 95 of 100 cases. It does not say which variant is better."}
        {answer.hasMore && " There are more than 1,000 rows; the others are left out."}
        {answer.eventsBehind > 0 &&
          ` ${answer.eventsBehind.toLocaleString("en-GB")} events are not counted yet.`}
      </p>
      {look.measure && (
        <Behind
          answer={answer}
          look={look}
          measure={look.measure}
          row={opened}
          name={opened ? nameOf(opened) : "none in this period"}
        />
      )}
    </>
  );
}

const isSame = (row: ReturnType<typeof rowOf>, look: AnalyticsSearch) =>
  Object.entries(rowIn(look)).every(([name, value]) => row[name as keyof typeof row] === value);

interface NumberProps {
  row: Counts;
  measure: Measure;
  said: string;
  look: AnalyticsSearch;
}

function OneNumber({ row, measure, said, look: { by, days } }: NumberProps) {
  const count = row[measure];
  const share = row.shares?.[measure];
  if (count === 0) return <span className="faint">0</span>;
  return (
    <>
      <Link
        className="link"
        to="/analytics"
        search={{ by, days, ...rowOf(row), measure }}
        resetScroll={false}
        aria-label={`${count.toLocaleString("en-GB")}: ${said}`}
      >
        {count.toLocaleString("en-GB")}
      </Link>
      {share && <span className="block small faint nowrap">{shareInWords(share)}</span>}
    </>
  );
}
