/** One source: how it renames what is sent, and the messages that were rejected, to be taken again once that is mended. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { moment } from "../format/time";
import { OperationsScreen } from "../operations/Tabs";
import { Loaded } from "../parts/Loaded";
import { byCursor, Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { useChange } from "../parts/useChange";
import { useMay, useSession } from "../session";
import { KeyActions } from "../sources/KeyActions";
import { LiveEvents } from "../sources/LiveEvents";
import { MappingForm } from "../sources/MappingForm";
import { SOURCES } from "../sources/queries";
import "../sources/sources.css";

const route = getRouteApi("/shell/ops/sources/$sourceId");

export function Source() {
  const may = useMay();
  const { sourceId } = route.useParams();
  const [editing, setEditing] = useState(false);
  const source = useQuery({
    queryKey: [...SOURCES, "one", sourceId],
    queryFn: () => read(api.GET("/api/sources/{source_id}", { params: { path: { source_id: sourceId } } })),
    enabled: may("manage"),
  });
  return (
    <OperationsScreen title={source.data?.name ?? "Source"}>
      <Loaded query={source} what="The source">
        {(found) => (
          <>
            <div className="part">
              <p className="small">
                <Link className="link quiet" to="/ops/sources">
                  All sources
                </Link>
              </p>
              <p className="opening anywhere">{found.name}</p>
              <dl className="pairs">
                <dt>For</dt>
                <dd>{found.origins.join(", ") || "servers and apps"}</dd>
                <dt>Key</dt>
                <dd>
                  {found.keyId}{" "}
                  <Link className="link quiet" to="/ops/keys">
                    among the API keys
                  </Link>
                </dd>
              </dl>
              {!editing && <KeyActions source={found} edit={() => setEditing(true)} />}
            </div>
            {editing ? (
              <Part title="Mapping">
                <MappingForm source={found} onClose={() => setEditing(false)} />
              </Part>
            ) : (
              <>
                <Names title="Event types" names={found.events} />
                <Names title="Properties" names={found.properties} />
                <Names title="Identifiers" names={found.identifiers} />
              </>
            )}
            <LiveEvents source={found.name} />
            <Rejected sourceId={sourceId} />
          </>
        )}
      </Loaded>
    </OperationsScreen>
  );
}

function Names({ title, names }: { title: string; names: Record<string, string> }) {
  const entries = Object.entries(names);
  if (entries.length === 0) return null;
  return (
    <Part title={title}>
      <ul className="entries">
        {entries.map(([name, ours]) => (
          <li key={name}>
            <span>
              {name} <span className="faint">is</span> <span className="strong">{ours}</span>
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Rejected({ sourceId }: { sourceId: string }) {
  const { zone } = useSession().person;
  const again = useChange<Schemas["ReplayView"]>(SOURCES);
  const [taken, setTaken] = useState<Schemas["ReplayView"] | null>(null);
  const params = { path: { source_id: sourceId } };
  const rejected = useInfiniteQuery({
    queryKey: [...SOURCES, "rejected", sourceId],
    queryFn: ({ pageParam }) =>
      read(
        api.GET("/api/sources/{source_id}/rejected", { params: { ...params, query: { cursor: pageParam } } }),
      ),
    ...byCursor,
    refetchInterval: 5_000,
  });
  const replay = (ids: string[]) =>
    again.mutate({
      call: () => read(api.POST("/api/sources/{source_id}/rejected/replay", { params, body: { ids } })),
      said: "They were taken again. Those that are still wrong stay in the list.",
      onDone: setTaken,
    });
  const now = new Date();
  return (
    <Part title="Rejected messages">
      {taken && (
        <p className="small quiet">
          Taken now: {taken.accepted}. Stored before: {taken.duplicates}. Of erased leads: {taken.blocked}.
          Still rejected: {taken.stillRejected}.
        </p>
      )}
      <Pages
        query={rejected}
        what="The list"
        empty="Nothing was rejected. A message that cannot become an event is kept here with its reason."
      >
        {(items) => (
          <>
            <p className="acts">
              <button
                className="btn"
                type="button"
                disabled={again.isPending}
                onClick={() => replay(items.slice(0, 1000).map((one) => one.id))}
              >
                Take {items.length === 1 ? "it" : `these ${items.length}`} again
              </button>
            </p>
            <ul className="entries">
              {items.map((one) => (
                <li key={one.id}>
                  <div className="entry-head">
                    <span className="strong">{one.format}</span>
                    <span className="quiet">kept until {moment(new Date(one.expiresAt), zone, now)}</span>
                    <time className="quiet" dateTime={one.rejectedAt}>
                      {moment(new Date(one.rejectedAt), zone, now)}
                    </time>
                  </div>
                  {one.errors.map((fault) => (
                    <p key={fault.pointer + fault.detail}>
                      {fault.pointer && <code>{fault.pointer}</code>} {fault.detail}
                    </p>
                  ))}
                  <details className="small">
                    <summary className="quiet">
                      The message<span className="sr"> {one.id}</span>
                    </summary>
                    <pre>{JSON.stringify(one.content, null, 2)}</pre>
                  </details>
                </li>
              ))}
            </ul>
          </>
        )}
      </Pages>
    </Part>
  );
}
