import { fixed } from "../format/numbers";
import { words } from "../format/words";
import { Part } from "../parts/Part";
import { LeadsNumber } from "./LeadsNumber";
import type { Figures } from "./queries";

interface Props {
  previewId: string;
  figures: Figures;
}

/** What would have fired, automation by automation, beside what fires now. */
export function Alerts({ previewId, figures }: Props) {
  if (figures.alerts.length === 0) return null;
  return (
    <Part title="Automations">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Automation</th>
            <th scope="col" className="num opt">
              A day now
            </th>
            <th scope="col" className="num">
              A day then
            </th>
            <th scope="col" className="num">
              Only then
            </th>
            <th scope="col" className="num">
              Only now
            </th>
          </tr>
        </thead>
        <tbody>
          {figures.alerts.map((one) => (
            <tr key={one.automation}>
              <th scope="row">{words(one.automation)}</th>
              <td className="num opt">{fixed(one.now.aDay, 1)}</td>
              <td className="num strong">{fixed(one.then.aDay, 1)}</td>
              <td className="num">
                <LeadsNumber
                  previewId={previewId}
                  count={one.new}
                  behind={{ automation: one.automation, fired: "new" }}
                  of={`${words(one.automation)}, only then`}
                />
              </td>
              <td className="num">
                <LeadsNumber
                  previewId={previewId}
                  count={one.lost}
                  behind={{ automation: one.automation, fired: "lost" }}
                  of={`${words(one.automation)}, only now`}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}

/** How well the scores of either rank leads by whether they reached the goal. */
export function RankingOf({ figures: { ranking } }: { figures: Figures }) {
  if (ranking === null) return null;
  const [low = 0, high = 0] = ranking.interval;
  const verdict =
    low > 0
      ? "They rank better."
      : high < 0
        ? "They rank worse."
        : "That may be chance: the interval holds 0.";
  return (
    <Part title="Ranking">
      <p className="quiet measure">
        Of a lead that reached the goal {ranking.goal} within {ranking.horizonDays} days and one that did not,
        the first has the higher score in {fixed(ranking.aucNow * 100, 1)} of 100 pairs now, and in{" "}
        {fixed(ranking.aucThen * 100, 1)} then (the difference is between {fixed(low * 100, 1)} and{" "}
        {fixed(high * 100, 1)}, by {ranking.landmarks.toLocaleString("en-GB")} past moments). {verdict}
      </p>
    </Part>
  );
}
