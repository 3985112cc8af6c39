/** A file on its way in: chosen and inspected, mapped, tried on every row, then imported. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Problem } from "../api/client";
import { nowMs } from "../clock";
import { FirstRows } from "../imports/FirstRows";
import "../imports/imports.css";
import { type Mapped, Mapping } from "../imports/Mapping";
import { Progress } from "../imports/Progress";
import { type Inspection, importQuery, inspect, startImport } from "../imports/queries";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { useMay } from "../session";

export function NewImport() {
  const may = useMay();
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/imports">
            Imports
          </Link>
        </nav>
        <Heading title="Import a file" />
      </div>
      <div className="wrap">
        {may("manage") ? <Wizard /> : <p className="pad">Files are imported by admins.</p>}
      </div>
    </main>
  );
}

function Wizard() {
  const [file, setFile] = useState<File | null>(null);
  const inspected = useMutation({ mutationFn: inspect });
  const choose = (chosen: File | null) => {
    setFile(chosen);
    inspected.reset();
    if (chosen) inspected.mutate(chosen);
  };
  return (
    <>
      <Part title="File">
        <div className="drop">
          <label htmlFor="file">CSV, NDJSON or Excel, also as gzip or zip; up to a million rows</label>
          <input id="file" type="file" onChange={(event) => choose(event.target.files?.[0] ?? null)} />
          <p className="small faint">It is read first; nothing is stored until you start the import.</p>
        </div>
        {inspected.isPending && (
          <p className="quiet" role="status">
            {file?.name} is sent and read.
          </p>
        )}
        {inspected.error && (
          <p className="banner alarmed" role="alert">
            {sentenceOf(inspected.error)}
          </p>
        )}
      </Part>
      {file && inspected.data && (
        <Chosen key={`${file.name} ${file.lastModified}`} file={file} found={inspected.data} />
      )}
    </>
  );
}

function Chosen({ file, found }: { file: File; found: Inspection }) {
  const [now] = useState(() => new Date(nowMs()).toISOString());
  const [mapped, setMapped] = useState<Mapped | null>(null);
  const [tried, setTried] = useState<{ importId: string; mapped: string } | null>(null);
  const key = JSON.stringify(mapped);
  const dryRun = useMutation({
    mutationFn: (mapping: Mapped) => startImport({ file, mapping, dryRun: true }),
    onSuccess: ({ importId }) => setTried({ importId, mapped: key }),
  });
  const trial = tried?.mapped === key ? tried.importId : null;
  return (
    <>
      <FirstRows found={found} />
      <Mapping fileName={file.name} found={found} now={now} change={setMapped} />
      <div className="part">
        <p className="acts">
          <button
            className={trial ? "btn" : "btn primary"}
            type="button"
            disabled={mapped === null || dryRun.isPending || trial !== null}
            onClick={() => mapped && dryRun.mutate(mapped)}
          >
            {dryRun.isPending ? "Sending" : "Try it on every row"}
          </button>
          <span className="small faint">A dry run: it stores nothing.</span>
        </p>
        {dryRun.error && (
          <p className="banner alarmed" role="alert">
            {sentenceOf(dryRun.error)}
          </p>
        )}
      </div>
      {trial && mapped && <Trial key={trial} importId={trial} file={file} mapping={mapped} />}
    </>
  );
}

/** The dry run, and the import once it has ended. */
function Trial({ importId, file, mapping }: { importId: string; file: File; mapping: Mapped }) {
  const navigate = useNavigate();
  const trial = useQuery(importQuery(importId));
  const start = useMutation({
    mutationFn: () => startImport({ file, mapping, dryRun: false }),
    onSuccess: (started) =>
      void navigate({ to: "/imports/$importId", params: { importId: started.importId } }),
  });
  return (
    <Part title="Dry run">
      <Loaded query={trial} what="The dry run" rows={3}>
        {(found) => (
          <>
            <Progress found={found} />
            {found.state === "done" && (
              <p className="acts">
                <button
                  className="btn primary"
                  type="button"
                  disabled={start.isPending}
                  onClick={() => start.mutate()}
                >
                  {start.isPending ? "Sending" : "Import it"}
                </button>
                <span className="small faint">Nothing is stored twice: a second run changes nothing.</span>
              </p>
            )}
            {start.error && (
              <p className="banner alarmed" role="alert">
                {sentenceOf(start.error)}
              </p>
            )}
          </>
        )}
      </Loaded>
    </Part>
  );
}

const sentenceOf = (error: unknown) =>
  error instanceof Problem ? error.sentence : "The file could not be read in this browser.";
