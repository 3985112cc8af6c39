/** Pairs of leads that may be one person, each with the reason: merged, or said to be two people. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { currentTime } from "../clock";
import { fixed } from "../format/numbers";
import { moment, since } from "../format/time";
import { ContactLine } from "../leads/ContactLine";
import { leadQuery } from "../leads/queries";
import { MergeDialog } from "../merges/MergeDialog";
import "../merges/merges.css";
import { DUPLICATES } from "../merges/useMerge";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { byCursor, Pages } from "../parts/Pages";
import { Stage } from "../parts/Stage";
import { Empty } from "../parts/states";
import { useChange } from "../parts/useChange";
import { useMay, useSession } from "../session";

type Pair = Schemas["DuplicateView"];

export function Duplicates() {
  const pairs = useInfiniteQuery({
    queryKey: DUPLICATES,
    queryFn: ({ pageParam }) =>
      read(api.GET("/api/duplicates", { params: { query: { limit: 20, cursor: pageParam } } })),
    ...byCursor,
  });
  return (
    <main id="main">
      <div className="top">
        <Heading title="Possible duplicates" />
      </div>
      <div className="wrap">
        <div className="part">
          <Pages
            query={pairs}
            what="The list"
            empty={
              <Empty title="Nobody seems to be here twice.">
                <p>
                  Two leads that seem to be one person appear here with the reason; nothing merges two known
                  leads by itself.
                </p>
              </Empty>
            }
          >
            {(items) => (
              <ol className="duplicates">
                {items.map((pair) => (
                  <Duplicate key={pair.duplicateId} pair={pair} />
                ))}
              </ol>
            )}
          </Pages>
        </div>
      </div>
    </main>
  );
}

const KINDS: Record<string, string> = {
  email: "e-mail address",
  phone: "telephone number",
  userId: "user id",
  anonymousId: "anonymous id",
};

function Duplicate({ pair }: { pair: Pair }) {
  const may = useMay();
  const { zone } = useSession().person;
  const [merging, setMerging] = useState(false);
  const dismissal = useChange(DUPLICATES);
  const [first = "", second = ""] = pair.leadIds;
  const dismiss = () =>
    dismissal.mutate({
      call: () =>
        read(
          api.POST("/api/duplicates/{duplicate_id}/dismiss", {
            params: { path: { duplicate_id: pair.duplicateId } },
          }),
        ),
      said: `${first} and ${second} are two people. The pair is not listed again.`,
    });
  return (
    <li className="duplicate">
      <p className="opening anywhere">
        An event of {first} has the {KINDS[pair.kind] ?? pair.kind} of {second}.{" "}
        <span className="small faint">{moment(new Date(pair.seenAt), zone, currentTime())}</span>
      </p>
      <div className="two">
        <Side leadId={first} />
        <Side leadId={second} />
      </div>
      {may("work") && (
        <p className="acts">
          <button className="btn" type="button" onClick={() => setMerging(true)}>
            Merge them
            <span className="sr">{` ${first} and ${second}`}</span>
          </button>
          <button className="btn" type="button" disabled={dismissal.isPending} onClick={dismiss}>
            They are two people
            <span className="sr">{` ${first} and ${second}`}</span>
          </button>
        </p>
      )}
      {merging && <MergeDialog leadIds={[first, second]} onClose={() => setMerging(false)} />}
    </li>
  );
}

/** One of the two: who it is, and how it stands. */
function Side({ leadId }: { leadId: string }) {
  const { data } = useQuery(leadQuery(leadId));
  const now = currentTime();
  return (
    <div className="side-of">
      <p className="panel-head">
        <Link className="link strong anywhere" to="/leads/$leadId" params={{ leadId }}>
          {leadId}
        </Link>
        {data && (
          <span className="end nowrap">
            <Stage name={data.stage} /> {fixed(data.score, 1)}
          </span>
        )}
      </p>
      <ContactLine leadId={leadId} />
      {data && (
        <p className="small quiet">
          {data.lastActivityAt ? `Seen ${since(new Date(data.lastActivityAt), now)}` : "Never seen"}
        </p>
      )}
    </div>
  );
}
