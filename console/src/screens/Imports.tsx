/** Imports of files, the newest first, each with how far it has come. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, read } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { IMPORTS, type Import, isOpen, reportOf } from "../imports/queries";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { byCursor, Pages } from "../parts/Pages";
import { Empty } from "../parts/states";
import { useMay, useSession } from "../session";

const EVERY_MS = 3_000;

export function Imports() {
  const may = useMay();
  return (
    <main id="main">
      <div className="top">
        <Heading title="Imports" />
        {may("manage") && (
          <p className="end">
            <Link className="btn primary" to="/imports/new">
              Import a file
            </Link>
          </p>
        )}
      </div>
      <div className="wrap">
        {may("manage") ? <List /> : <p className="pad">Files are imported by admins.</p>}
      </div>
    </main>
  );
}

function List() {
  const { zone } = useSession().person;
  const imports = useInfiniteQuery({
    queryKey: [...IMPORTS, "list"],
    queryFn: ({ pageParam }) => read(api.GET("/api/imports", { params: { query: { cursor: pageParam } } })),
    ...byCursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some(isOpen)) ? EVERY_MS : false,
  });
  const now = currentTime();
  return (
    <div className="part">
      <Pages
        query={imports}
        what="The list"
        empty={
          <Empty title="No file yet.">
            <p>
              A list of contacts, deals or sign-ups as CSV, NDJSON or Excel becomes leads with their history.
            </p>
          </Empty>
        }
      >
        {(items) => (
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col">State</th>
                <th scope="col" className="num">
                  Rows
                </th>
                <th scope="col" className="num">
                  Rejected
                </th>
                <th scope="col" className="opt num">
                  Since
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.importId}>
                  <th scope="row" className="anywhere">
                    <Link className="link" to="/imports/$importId" params={{ importId: one.importId }}>
                      {one.fileName}
                    </Link>
                    {one.mappingName && <span className="faint"> by {one.mappingName}</span>}
                  </th>
                  <td className={one.state === "failed" ? "alarm strong" : undefined}>{stateOf(one)}</td>
                  <Counts of={one} />
                  <td className="opt num quiet">{moment(new Date(one.createdAt), zone, now)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </div>
  );
}

const stateOf = ({ state, dryRun }: Import) => (dryRun ? `dry run, ${state}` : state);

function Counts({ of }: { of: Import }) {
  const report = reportOf(of);
  return (
    <>
      <td className="num">{report?.rows.toLocaleString("en-GB") ?? "none yet"}</td>
      <td className="num">{report?.rejectedRows.toLocaleString("en-GB") ?? ""}</td>
    </>
  );
}
