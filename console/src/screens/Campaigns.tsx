/** Campaigns, the newest first: what each gives to whom, and how it stands. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { campaignsQuery } from "../campaigns/queries";
import { audienceInWords, givesInWords, stateInWords } from "../campaigns/said";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import "../parts/administration.css";
import { Heading } from "../parts/Heading";
import { Pages } from "../parts/Pages";
import { Empty } from "../parts/states";
import { useMay, useNameOf, useSession } from "../session";

export function Campaigns() {
  const { zone } = useSession().person;
  const may = useMay();
  const nameOf = useNameOf();
  const campaigns = useInfiniteQuery(campaignsQuery);
  const now = currentTime();
  return (
    <main id="main">
      <div className="top">
        <Heading title="Campaigns" />
        {may("manage") && (
          <p className="end">
            <Link className="btn primary" to="/campaigns/new">
              New campaign
            </Link>
          </p>
        )}
      </div>
      <div className="wrap">
        <div className="part">
          <Pages
            query={campaigns}
            what="The list"
            empty={
              <Empty title="No campaign yet.">
                <p>
                  One sends a message to many leads, or enrols them in a sequence, after an estimate said how
                  many get it. {may("manage") ? "Begin with New campaign." : "Admins write them."}
                </p>
              </Empty>
            }
          >
            {(items) => (
              <table className="grid-table">
                <thead>
                  <tr>
                    <th scope="col">Campaign</th>
                    <th scope="col">State</th>
                    <th scope="col" className="opt">
                      What it does
                    </th>
                    <th scope="col" className="opt num">
                      Changed
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((one) => (
                    <tr key={one.id}>
                      <th scope="row" className="anywhere">
                        <Link className="link" to="/campaigns/$campaignId" params={{ campaignId: one.id }}>
                          {one.name}
                        </Link>
                      </th>
                      <td className={one.state === "running" ? "strong" : "quiet"}>{stateInWords(one)}</td>
                      <td className="opt quiet">
                        {givesInWords(one)} to {audienceInWords(one.audience, nameOf)}
                      </td>
                      <td className="opt num quiet">{moment(new Date(one.changedAt), zone, now)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </Pages>
        </div>
      </div>
    </main>
  );
}
