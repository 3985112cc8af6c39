import { Link } from "@tanstack/react-router";
import { Key } from "../keys/Key";
import { Stage } from "../parts/Stage";
import { percent } from "../prediction/words";
import { useNameOf } from "../session";
import type { Queued } from "./queueQuery";

interface Props {
  rows: Queued[];
  current: string | undefined;
  owner: string | undefined;
}

/** The leads that come next, each with why. */
export function NextLeads({ rows, current, owner }: Props) {
  return (
    <>
      <div className="top">
        <h2 className="head">Next</h2>
        <p className="end small faint keys-hint">
          <Key of="next" /> next <Key of="back" /> back
        </p>
      </div>
      <ol>
        {rows.map((lead) => (
          <li key={lead.leadId}>
            <Link
              to="/queue"
              search={{ owner, lead: lead.leadId }}
              replace
              aria-current={lead.leadId === current ? "true" : undefined}
            >
              <span className="name clip">{lead.leadId}</span>
              <span className="num">
                {lead.win && (
                  <span className="quiet" title={`Likely to buy within ${lead.win.horizonDays} days`}>
                    {percent(lead.win.probability)}
                    <span className="sr"> likely to buy, score </span>{" "}
                  </span>
                )}
                {Math.round(lead.score)} <Stage name={lead.stage} wordless />
              </span>
              <span className="why clip">
                {lead.presence ? (
                  <OnIt personId={lead.presence.personId} />
                ) : (
                  (lead.because.wrote?.text ?? lead.because.text)
                )}
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </>
  );
}

function OnIt({ personId }: { personId: string }) {
  const name = useNameOf()(personId);
  return name === "You" ? "You are on it" : `${name} is on it`;
}
