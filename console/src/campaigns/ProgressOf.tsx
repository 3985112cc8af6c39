/** How far a campaign has come: numbers that add up to the audience, each leading to its leads. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import { useSession } from "../session";
import { Reasons } from "./Estimate";
import { type CampaignWithProgress, leadsQuery, type Progress, type Result } from "./queries";
import { leads, RESULTS, reasonInWords } from "./said";

const ORDER = ["done", "underWay", "waiting", "withheld", "failed"] as const;

interface Props {
  campaign: CampaignWithProgress;
  progress: Progress;
  show: Result | undefined;
}

export function ProgressOf({ campaign, progress, show }: Props) {
  const ended = progress.audience - progress.waiting - progress.underWay;
  const extra: Result[] = progress.present > 0 ? ["present"] : [];
  return (
    <>
      <Part title="How far it is">
        <p className="opening" role="status">
          {progress.audience === 0
            ? "Nobody had their turn yet."
            : `${ended.toLocaleString("en-GB")} of ${leads(progress.audience)} had their turn.`}
        </p>
        <progress
          className="progress"
          aria-label="Leads that had their turn"
          value={progress.audience === 0 ? 0 : ended / progress.audience}
        />
        <table className="grid-table figures">
          <thead>
            <tr>
              <th scope="col">Result</th>
              <th scope="col" className="num">
                Leads
              </th>
            </tr>
          </thead>
          <tbody>
            {[...ORDER, ...extra].map((one) => (
              <tr key={one}>
                <th scope="row" className={one === "failed" && progress.failed > 0 ? "alarm" : undefined}>
                  {RESULTS[one]}
                </th>
                <td className="num">
                  {progress[one] === 0 ? (
                    0
                  ) : (
                    <Link
                      className="link"
                      to="/campaigns/$campaignId"
                      params={{ campaignId: campaign.id }}
                      search={{ show: one }}
                      resetScroll={false}
                    >
                      {progress[one].toLocaleString("en-GB")}
                      <span className="sr"> leads: {RESULTS[one]}</span>
                    </Link>
                  )}
                </td>
              </tr>
            ))}
            {progress.erased > 0 && (
              <tr>
                <th scope="row">Erased since</th>
                <td className="num">{progress.erased.toLocaleString("en-GB")}</td>
              </tr>
            )}
          </tbody>
        </table>
        {progress.withheld > 0 && (
          <Reasons title="Why leads got nothing" reasons={progress.withheldByReason} />
        )}
      </Part>
      {show && <LeadsOf campaignId={campaign.id} result={show} />}
    </>
  );
}

function LeadsOf({ campaignId, result }: { campaignId: string; result: Result }) {
  const { zone } = useSession().person;
  const found = useInfiniteQuery(leadsQuery(campaignId, result));
  const now = currentTime();
  return (
    <Part title={`Leads: ${RESULTS[result].toLowerCase()}`}>
      <Pages query={found} what="The leads" empty="None now.">
        {(items) => (
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Lead</th>
                <th scope="col">Why</th>
                <th scope="col" className="opt num">
                  Since
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.leadId}>
                  <th scope="row" className="anywhere">
                    <Link className="link" to="/leads/$leadId" params={{ leadId: one.leadId }}>
                      {one.leadId}
                    </Link>
                  </th>
                  <td className="quiet">{one.reasons.map(reasonInWords).join(", ")}</td>
                  <td className="opt num quiet">
                    {one.at ? moment(new Date(one.at), zone, now) : "not yet"}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </Part>
  );
}
