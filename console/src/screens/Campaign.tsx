/** One campaign: what it does, its estimate and start while it is a draft, then how far it has come. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, read } from "../api/client";
import { CampaignForm } from "../campaigns/CampaignForm";
import { type Change, ChangeState } from "../campaigns/ChangeState";
import { EstimateOf } from "../campaigns/Estimate";
import { ProgressOf } from "../campaigns/ProgressOf";
import { CAMPAIGNS, type CampaignWithProgress, campaignQuery } from "../campaigns/queries";
import { audienceInWords, givesInWords, stateInWords } from "../campaigns/said";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { useChange } from "../parts/useChange";
import { useMay, useNameOf, useSession } from "../session";

const route = getRouteApi("/shell/campaigns/$campaignId");

export function CampaignScreen() {
  const { campaignId } = route.useParams();
  const { show } = route.useSearch();
  const may = useMay();
  const found = useQuery(campaignQuery(campaignId));
  const [asked, setAsked] = useState<Change | null>(null);
  const [writing, setWriting] = useState(false);
  const campaign = found.data;
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/campaigns">
            Campaigns
          </Link>
        </nav>
        <Heading title={campaign?.name ?? "Campaign"} />
        {campaign && may("manage") && !writing && (
          <Acts campaign={campaign} ask={setAsked} write={() => setWriting(true)} />
        )}
      </div>
      <div className="wrap">
        <Loaded query={found} what="The campaign">
          {(one) =>
            writing && one.state === "draft" ? (
              <Rewrite campaign={one} close={() => setWriting(false)} />
            ) : (
              <>
                <Said campaign={one} />
                {one.state === "draft" && <EstimateOf campaign={one} />}
                {one.progress && <ProgressOf campaign={one} progress={one.progress} show={show} />}
                {one.message && <Message message={one.message} />}
                <Changes campaign={one} />
              </>
            )
          }
        </Loaded>
      </div>
      {asked && campaign && <ChangeState campaign={campaign} change={asked} onClose={() => setAsked(null)} />}
    </main>
  );
}

interface ActsProps {
  campaign: CampaignWithProgress;
  ask: (change: Change) => void;
  write: () => void;
}

function Acts({ campaign: { state }, ask, write }: ActsProps) {
  if (state === "finished") return null;
  return (
    <p className="end">
      {state === "draft" && (
        <button className="btn" type="button" onClick={write}>
          Change
        </button>
      )}
      {["scheduled", "running"].includes(state) && (
        <button className="btn" type="button" onClick={() => ask("pause")}>
          Pause
        </button>
      )}
      {state === "paused" && (
        <button className="btn primary" type="button" onClick={() => ask("resume")}>
          Resume
        </button>
      )}
      <button className="btn" type="button" onClick={() => ask("finish")}>
        {state === "draft" ? "Give up" : "Finish"}
      </button>
    </p>
  );
}

function Said({ campaign }: { campaign: CampaignWithProgress }) {
  const { zone } = useSession().person;
  const nameOf = useNameOf();
  const now = currentTime();
  const { startsAt, endsAt, startedAt, state } = campaign;
  const when = [
    startedAt ? `started ${moment(new Date(startedAt), zone, now)}` : null,
    startsAt && ["draft", "scheduled"].includes(state)
      ? `begins ${moment(new Date(startsAt), zone, now)}`
      : null,
    endsAt ? `ends ${moment(new Date(endsAt), zone, now)} at the latest` : null,
  ].filter((one) => one !== null);
  return (
    <header className="part">
      <p className="quiet">
        {stateInWords(campaign)}
        {when.length > 0 && `, ${when.join(", ")}`}
      </p>
      <p className="opening">
        {givesInWords(campaign)} to {audienceInWords(campaign.audience, nameOf)}.
      </p>
    </header>
  );
}

function Message({ message }: { message: NonNullable<CampaignWithProgress["message"]> }) {
  return (
    <Part title="The message">
      <div className="letter">
        {message.subject && <p className="strong">{message.subject}</p>}
        <p className="letter-text">{message.template ? `The template ${message.template}` : message.text}</p>
      </div>
    </Part>
  );
}

function Changes({ campaign }: { campaign: CampaignWithProgress }) {
  const { zone } = useSession().person;
  const now = currentTime();
  if (campaign.changes.length === 0) return null;
  return (
    <Part title="What happened to it">
      <ol className="log">
        {campaign.changes.map((one) => (
          <li key={`${one.at} ${one.state}`}>
            <span className="quiet">{moment(new Date(one.at), zone, now)}</span>
            <span>
              {stateInWords({ state: one.state, ended: null })}{" "}
              <span className="faint">
                by {byInWords(one.by)}
                {one.why && `: ${one.why}`}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </Part>
  );
}

/** Who did it, from a kind with a name and an id, such as `person (Ada, person_1)`. */
function byInWords(by: string): string {
  const [, kind, name] = /^([\w-]+) \((.*), [^,]*\)$/.exec(by) ?? [];
  if (name === undefined) return by === "engine" || by === "" ? "the engine" : by;
  return kind === "person" ? name : `the ${kind} ${name}`;
}

function Rewrite({ campaign, close }: { campaign: CampaignWithProgress; close: () => void }) {
  const change = useChange<CampaignWithProgress>(CAMPAIGNS);
  return (
    <CampaignForm
      campaign={campaign}
      action="Save the draft"
      busy={change.isPending}
      error={change.error}
      save={(body) =>
        change.mutate({
          call: () =>
            read(
              api.PATCH("/api/campaigns/{campaign_id}", {
                params: { path: { campaign_id: campaign.id } },
                body,
              }),
            ),
          said: `${body.name} is saved. An earlier estimate does not count any more.`,
          onDone: close,
        })
      }
    >
      <button className="btn" type="button" onClick={close}>
        Cancel
      </button>
    </CampaignForm>
  );
}
