/** The estimate of a draft: how many leads, how many of them would get nothing and why; and the start by its digest. */
import { useState } from "react";
import { api, Problem, read } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { Dialog } from "../parts/Dialog";
import { Part } from "../parts/Part";
import { useChange } from "../parts/useChange";
import { useMay, useSession } from "../session";
import { CAMPAIGNS, type Campaign, type Estimate } from "./queries";
import { byCount, leads, reasonInWords } from "./said";

export function EstimateOf({ campaign }: { campaign: Campaign }) {
  const may = useMay();
  const [asked, setAsked] = useState(false);
  const change = useChange(CAMPAIGNS);
  const { estimate } = campaign;
  const path = { params: { path: { campaign_id: campaign.id } } };
  const take = () =>
    change.mutate({
      call: () => read(api.POST("/api/campaigns/{campaign_id}/estimate", path)),
      said: "The audience is being estimated.",
    });
  const isReady = estimate?.state === "ready";
  const reached = estimate ? estimate.audience - estimate.refused : 0;
  return (
    <Part title="Before it starts">
      {estimate ? <Figures estimate={estimate} /> : <Nothing />}
      {may("manage") && (
        <p className="acts">
          {isReady && (
            <button
              className="btn primary"
              type="button"
              disabled={reached === 0 && campaign.mode !== "triggered"}
              onClick={() => setAsked(true)}
            >
              Start for {leads(reached)}
            </button>
          )}
          <button
            className={estimate ? "btn" : "btn primary"}
            type="button"
            disabled={change.isPending || (estimate !== null && !isReady)}
            onClick={take}
          >
            {estimate ? "Estimate again" : "Estimate the audience"}
          </button>
        </p>
      )}
      {asked && estimate?.digest && (
        <Start
          campaign={campaign}
          digest={estimate.digest}
          reached={reached}
          onClose={() => setAsked(false)}
        />
      )}
    </Part>
  );
}

function Nothing() {
  return (
    <p className="quiet measure">
      Nothing is sent before the audience was estimated: how many leads there are, and how many of them would
      get nothing, and why.
    </p>
  );
}

function Figures({ estimate }: { estimate: Estimate }) {
  const { zone } = useSession().person;
  const { state, audience, checked, refused, takenAt } = estimate;
  if (state === "collecting") return <p role="status">Looking for the leads: {leads(audience)} so far.</p>;
  if (state === "checking") {
    return (
      <p role="status">
        {leads(audience)}, of which {checked.toLocaleString("en-GB")} are looked at so far.
      </p>
    );
  }
  return (
    <>
      <p className="opening" role="status">
        {audience === 0
          ? "No lead is in the audience now."
          : `${leads(audience)}, of which ${(audience - refused).toLocaleString("en-GB")} would get it.`}
      </p>
      {refused > 0 && (
        <Reasons title={`${leads(refused)} would get nothing`} reasons={estimate.refusedByReason} />
      )}
      {takenAt && <p className="small faint">As of {moment(new Date(takenAt), zone, currentTime())}.</p>}
    </>
  );
}

/** Counts by reason. A lead counts once for each of its reasons, so they may be more than the leads. */
export function Reasons({ title, reasons }: { title: string; reasons: Record<string, number> }) {
  const found = byCount(reasons);
  return (
    <table className="grid-table figures">
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" className="num">
            Leads
          </th>
        </tr>
      </thead>
      <tbody>
        {found.map(([code, count]) => (
          <tr key={code}>
            <th scope="row">{reasonInWords(code)}</th>
            <td className="num">{count.toLocaleString("en-GB")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface StartProps {
  campaign: Campaign;
  digest: string;
  reached: number;
  onClose: () => void;
}

function Start({ campaign, digest, reached, onClose }: StartProps) {
  const { zone } = useSession().person;
  const start = useChange(CAMPAIGNS);
  const starts = campaign.startsAt && new Date(campaign.startsAt);
  const begin = starts && starts > currentTime() ? moment(starts, zone, currentTime()) : null;
  const confirm = () =>
    start.mutate({
      call: () =>
        read(
          api.POST("/api/campaigns/{campaign_id}/start", {
            params: { path: { campaign_id: campaign.id } },
            body: { digest },
          }),
        ),
      said: begin ? `${campaign.name} begins ${begin}.` : `${campaign.name} is running.`,
      onDone: onClose,
    });
  return (
    <Dialog
      title={`Start ${campaign.name}?`}
      action={`Start for ${leads(reached)}`}
      busy={start.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <ul className="points">
        <li>
          {begin ? `It begins ${begin}.` : "It begins now."} What was sent cannot be taken back; a pause holds
          the rest.
        </li>
        <li>
          Whether each lead may be written to, and is still in the audience, is looked at again at its turn.
        </li>
        <li>If the audience is not the one that you see here, nothing starts.</li>
      </ul>
      {start.error && (
        <p className="alarm" role="alert">
          {start.error instanceof Problem ? start.error.sentence : "It was not started."}
        </p>
      )}
    </Dialog>
  );
}
