import { fixed } from "../format/numbers";
import { words } from "../format/words";
import { Part } from "../parts/Part";
import { LeadsNumber } from "./LeadsNumber";
import type { Figures } from "./queries";
import { type Endings, total } from "./sentences";

interface Props {
  previewId: string;
  figures: Figures;
}

/** What would have fired, automation by automation, beside what fires now, and how the leads of these alerts ended. */
export function Alerts({ previewId, figures }: Props) {
  if (figures.alerts.length === 0) return null;
  return (
    <Part title="Automations">
      <table className="grid-table wraps">
        <thead>
          <tr>
            <th scope="col">Automation</th>
            <th scope="col" className="num">
              A day
            </th>
            <th scope="col" className="num">
              Won
            </th>
            <th scope="col" className="num">
              Alerts
            </th>
          </tr>
        </thead>
        <tbody>
          {figures.alerts.map((one) => (
            <tr key={one.automation}>
              <th scope="row">{words(one.automation)}</th>
              <td className="num">
                <span className="strong">{fixed(one.then.aDay, 1)}</span>
                <span className="block small faint">now {fixed(one.now.aDay, 1)}</span>
              </td>
              <td className="num">
                <Won previewId={previewId} automation={one.automation} fired="then" ended={one.then.ended} />
                <span className="block small faint">
                  now{" "}
                  <Won previewId={previewId} automation={one.automation} fired="now" ended={one.now.ended} />
                </span>
              </td>
              <td className="num">
                <Only previewId={previewId} automation={one.automation} fired="new" count={one.new} />
                <Only previewId={previewId} automation={one.automation} fired="lost" count={one.lost} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}

interface NumberProps {
  previewId: string;
  automation: string;
}

/** How many of the leads that an automation fires for were won. */
function Won(props: NumberProps & { fired: "now" | "then"; ended: Endings }) {
  const { previewId, automation, fired, ended } = props;
  const all = total(ended);
  if (all === 0) return <span className="faint">none</span>;
  return (
    <>
      <LeadsNumber
        previewId={previewId}
        count={ended.won ?? 0}
        behind={{ automation, fired, ended: "won" }}
        of={`${words(automation)}, won ${fired}`}
      />{" "}
      of {all.toLocaleString("en-GB")}
    </>
  );
}

/** Alerts that only one of the rulebooks raises. */
function Only({
  previewId,
  automation,
  fired,
  count,
}: NumberProps & { fired: "new" | "lost"; count: number }) {
  const side = fired === "new" ? "only then" : "only now";
  return (
    <span className="block">
      <LeadsNumber
        previewId={previewId}
        count={count}
        behind={{ automation, fired }}
        of={`alerts of ${words(automation)}, ${side}`}
      />{" "}
      <span className="small faint">{side}</span>
    </span>
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
