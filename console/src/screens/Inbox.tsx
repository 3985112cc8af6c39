/** Leads that wait for an answer, the longest first: one conversation at a time, the others beside it. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Answer } from "../inbox/Answer";
import { ChannelPick } from "../inbox/ChannelPick";
import { InboxTop } from "../inbox/Tabs";
import { useWaiting } from "../inbox/useWaiting";
import { WaitingLeads } from "../inbox/WaitingLeads";
import { Empty, Failure, Loading } from "../parts/states";
import { Moved } from "../worklist/Moved";
import { useTurn } from "../worklist/useTurn";
import { WhoseLeads } from "../worklist/WhoseLeads";

const route = getRouteApi("/shell/inbox");

export function Inbox() {
  const { owner, lead: leadId, channel } = route.useSearch();
  const navigate = useNavigate();
  const { query, rows, moved, bringUpToDate, answered, answer } = useWaiting(owner, channel);
  const show = (search: { lead?: string; channel?: string }) =>
    void navigate({ to: "/inbox", search: { owner, ...search }, replace: true, resetScroll: false });
  const { current, next } = useTurn(rows, {
    leadId,
    choose: (id) => show({ lead: id, channel }),
    open: (id) => void navigate({ to: "/leads/$leadId", params: { leadId: id } }),
    bringUpToDate,
  });
  return (
    <div className="with-aside">
      <main id="main">
        <InboxTop title="Inbox">
          <WhoseLeads to="/inbox" owner={owner} />
        </InboxTop>
        <Moved count={moved} bringUpToDate={bringUpToDate} />
        {query.error && !query.data && (
          <Failure what="The inbox" error={query.error} retry={() => void query.refetch()} />
        )}
        {query.isPending && !query.error && <Loading what="the inbox" />}
        {query.data && rows.length === 0 && <NobodyWaits owner={owner} channel={channel} />}
        {current && <Answer key={current.leadId} of={current} next={next} answered={answer} />}
      </main>
      <aside className="aside next" aria-label="Leads that wait">
        <WaitingLeads
          rows={rows}
          current={current?.leadId}
          search={{ owner, channel }}
          answered={answered}
          pick={<ChannelPick rows={rows} channel={channel} choose={(one) => show({ channel: one })} />}
        />
        {query.hasNextPage && (
          <p className="pad">
            <button className="btn" type="button" onClick={() => void query.fetchNextPage()}>
              Show more
            </button>
          </p>
        )}
      </aside>
    </div>
  );
}

function NobodyWaits({ owner, channel }: { owner: string | undefined; channel: string | undefined }) {
  return (
    <Empty title="Nobody waits for an answer.">
      <p>
        Messages of leads come here; the{" "}
        <Link className="link" to="/rules">
          rules
        </Link>{" "}
        say which events ask for an answer.{" "}
        {(owner !== undefined || channel !== undefined) && (
          <Link className="link" to="/inbox">
            Look at everybody’s
          </Link>
        )}
      </p>
    </Empty>
  );
}
