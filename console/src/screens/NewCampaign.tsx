/** A new campaign, saved as a draft: nothing is sent before it was estimated and started. */
import { Link, useNavigate } from "@tanstack/react-router";
import { api, read } from "../api/client";
import { CampaignForm } from "../campaigns/CampaignForm";
import { CAMPAIGNS, type CampaignWithProgress } from "../campaigns/queries";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { useChange } from "../parts/useChange";
import { useMay } from "../session";

export function NewCampaign() {
  const may = useMay();
  const navigate = useNavigate();
  const create = useChange<CampaignWithProgress>(CAMPAIGNS);
  return (
    <main id="main">
      <div className="top">
        <nav className="crumb" aria-label="Place">
          <Link className="link" to="/campaigns">
            Campaigns
          </Link>
        </nav>
        <Heading title="New campaign" />
      </div>
      <div className="wrap">
        {may("manage") ? (
          <CampaignForm
            action="Save the draft"
            busy={create.isPending}
            error={create.error}
            save={(body) =>
              create.mutate({
                call: () => read(api.POST("/api/campaigns", { body })),
                said: `${body.name} is saved as a draft. Estimate its audience next.`,
                onDone: ({ id }) =>
                  void navigate({ to: "/campaigns/$campaignId", params: { campaignId: id }, replace: true }),
              })
            }
          />
        ) : (
          <p className="pad">Campaigns are written by admins.</p>
        )}
      </div>
    </main>
  );
}
