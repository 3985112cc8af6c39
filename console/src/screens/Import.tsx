/** One import: its progress and report, the rows that were rejected as a file, and its end. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, read } from "../api/client";
import "../imports/imports.css";
import { Progress } from "../imports/Progress";
import { IMPORTS, type Import, importQuery, isOpen, reportOf } from "../imports/queries";
import "../parts/administration.css";
import { Dialog } from "../parts/Dialog";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { useChange } from "../parts/useChange";
import { useMay } from "../session";

const route = getRouteApi("/shell/imports/$importId");

export function ImportScreen() {
  const may = useMay();
  const { importId } = route.useParams();
  const found = useQuery({ ...importQuery(importId), enabled: may("manage") });
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/imports">
            Imports
          </Link>
        </nav>
        <Heading title={found.data?.fileName ?? "Import"} className="anywhere" />
      </div>
      <div className="wrap">
        {may("manage") ? (
          <Loaded query={found} what="The import">
            {(one) => <One found={one} />}
          </Loaded>
        ) : (
          <p className="pad">Files are imported by admins.</p>
        )}
      </div>
    </main>
  );
}

function One({ found }: { found: Import }) {
  const [deleting, setDeleting] = useState(false);
  const rejected = reportOf(found)?.rejectedRows ?? 0;
  const ended = !isOpen(found);
  return (
    <div className="part">
      {found.dryRun && <p className="quiet">A dry run: nothing is stored.</p>}
      <Progress found={found} />
      <p className="acts">
        {ended && rejected > 0 && (
          <a className="btn" href={`/api/imports/${found.importId}/rejects`} download>
            Download the rejected {rejected === 1 ? "row" : "rows"}
          </a>
        )}
        <button className="btn" type="button" onClick={() => setDeleting(true)}>
          {ended ? "Delete" : "Stop it"}
        </button>
      </p>
      {rejected > 0 && (
        <p className="small quiet">
          Correct the rows in that file and import it with the same mapping. It is kept for seven days.
        </p>
      )}
      {deleting && <DeleteDialog found={found} onClose={() => setDeleting(false)} />}
    </div>
  );
}

function DeleteDialog({ found, onClose }: { found: Import; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useChange([...IMPORTS, "list"]);
  const submit = () =>
    remove.mutate({
      call: () =>
        read(api.DELETE("/api/imports/{import_id}", { params: { path: { import_id: found.importId } } })),
      said: `The import of ${found.fileName} is deleted. What it had stored stays.`,
      onDone: () => void navigate({ to: "/imports", replace: true }),
    });
  return (
    <Dialog
      title={isOpen(found) ? `Stop importing ${found.fileName}?` : `Delete the import of ${found.fileName}?`}
      action={isOpen(found) ? "Stop and delete it" : "Delete it"}
      busy={remove.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="quiet">
        Its file, its report and its rejected rows are deleted. Events that it has stored stay.
      </p>
    </Dialog>
  );
}
