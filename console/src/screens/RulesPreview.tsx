/** Rules tried on the history of all leads: who moves, what would have fired, how those leads ended; and publishing them. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { moment } from "../format/time";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { Alerts, RankingOf } from "../rulelab/Alerts";
import { LeadsBehind } from "../rulelab/LeadsBehind";
import { Ends, Moves } from "../rulelab/Moves";
import { PublishDialog } from "../rulelab/PublishDialog";
import { type Behind, type Preview, previewQuery } from "../rulelab/queries";
import { endings, headline, progress } from "../rulelab/sentences";
import { labelOf } from "../rules/queries";
import "../rules/rules.css";
import { useMay, useSession } from "../session";

const route = getRouteApi("/shell/rules/previews/$previewId");

export function RulesPreview() {
  const { previewId } = route.useParams();
  const behind = route.useSearch();
  const preview = useQuery(previewQuery(previewId));
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/rules">
            Rules
          </Link>
        </nav>
        <Heading title={preview.data ? `Preview of ${preview.data.label}` : "Preview"} />
      </div>
      <div className="wrap">
        <Loaded query={preview} what="The preview">
          {(found) => <Found preview={found} behind={behind} />}
        </Loaded>
      </div>
    </main>
  );
}

function Found({ preview, behind }: { preview: Preview; behind: Behind }) {
  const { zone } = useSession().person;
  const { id, figures, before, at, since } = preview;
  const now = new Date();
  return (
    <>
      <header className="active-rules">
        <p className="quiet">
          Instead of {before}, as of {moment(new Date(at), zone, now)}; automations since{" "}
          {moment(new Date(since), zone, now)}
        </p>
        {figures && <p className="big">{headline(figures)}</p>}
        {figures && <p className="measure">{endings(figures)}</p>}
        <p className="quiet measure" role="status">
          {progress(preview)}
        </p>
        {preview.failure && <p className="banner alarmed">{preview.failure}</p>}
        {figures !== null && figures.failed > 0 && (
          <p className="alarm small">{figures.failed} of them cannot be folded by these rules.</p>
        )}
      </header>
      {figures && (
        <>
          <Moves previewId={id} figures={figures} />
          <Ends previewId={id} figures={figures} />
          <Alerts previewId={id} figures={figures} />
          <RankingOf figures={figures} />
        </>
      )}
      <Publishing preview={preview} />
      {figures && <LeadsBehind previewId={id} behind={behind} />}
    </>
  );
}

function Publishing({ preview }: { preview: Preview }) {
  const may = useMay();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  if (!may("manage")) return null;
  const published = labelOf(preview.label);
  return (
    <p className="acts publish">
      <button
        className="btn primary"
        type="button"
        disabled={!preview.sampleComplete || preview.status === "failed"}
        onClick={() => setAsked(true)}
      >
        Publish {preview.label}
      </button>
      {!preview.sampleComplete && (
        <span className="small quiet">It can be published when the first sample is complete.</span>
      )}
      {asked && (
        <PublishDialog
          preview={preview}
          onClose={() => setAsked(false)}
          onDone={() =>
            published &&
            void navigate({
              to: "/rules/$name/$version",
              params: { name: published.name, version: String(published.version) },
            })
          }
        />
      )}
    </p>
  );
}
