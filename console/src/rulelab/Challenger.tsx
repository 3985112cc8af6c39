import { useQuery } from "@tanstack/react-query";
import { api, read } from "../api/client";
import { fixed } from "../format/numbers";
import { moment } from "../format/time";
import { words } from "../format/words";
import { Part } from "../parts/Part";
import { Stage } from "../parts/Stage";
import { useChange } from "../parts/useChange";
import { useSession } from "../session";
import { EndsTable } from "./Moves";
import { challengerQuery, type Challenger as Report } from "./queries";
import { besides } from "./sentences";

/** The rules that follow the live stream beside the active ones, both side by side. */
export function Challenger() {
  const { zone } = useSession().person;
  const found = useQuery(challengerQuery);
  const stop = useChange(["challenger"]);
  if (!found.data) return null;
  const { shadow, ended, alerts } = found.data;
  return (
    <Part
      title={`Challenger: ${shadow.label}`}
      aside={
        <button
          className="btn small"
          type="button"
          disabled={stop.isPending}
          onClick={() =>
            stop.mutate({
              call: () => read(api.DELETE("/api/rulebooks/shadow")),
              said: `${shadow.label} is no longer watched.`,
            })
          }
        >
          Stop watching
        </button>
      }
    >
      <p className="measure">{besides(found.data)}</p>
      <p className="quiet small">
        Since {moment(new Date(shadow.startedAt), zone, new Date())}, beside {shadow.before}. It sends nothing
        and changes no lead.
      </p>
      <Stages challenger={found.data} />
      {found.data.leads > 0 && (
        <EndsTable
          rows={ended.filter((one) => one.leads > 0)}
          label="How the leads ended that it has elsewhere"
        />
      )}
      {alerts.length > 0 && (
        <table className="grid-table" aria-label="Automations since it began">
          <thead>
            <tr>
              <th scope="col">Automation</th>
              <th scope="col" className="num">
                Ran
              </th>
              <th scope="col" className="num">
                Would have run
              </th>
            </tr>
          </thead>
          <tbody>
            {alerts.map((one) => (
              <tr key={one.automation}>
                <th scope="row">{words(one.automation)}</th>
                <td className="num">{fixed(one.now, 0)}</td>
                <td className="num strong">{fixed(one.then, 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Part>
  );
}

/** How many leads are in each stage, under the active rules and under the challenger. */
function Stages({ challenger: { stages, shadow } }: { challenger: Report }) {
  const names = new Set([...stages.map((one) => one.before), ...stages.map((one) => one.after)]);
  const sum = (name: string, side: "before" | "after") =>
    stages.filter((one) => one[side] === name).reduce((count, one) => count + one.leads, 0);
  if (names.size === 0) return null;
  return (
    <table className="grid-table" aria-label="Leads by stage">
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col" className="num">
            {shadow.before}
          </th>
          <th scope="col" className="num">
            {shadow.label}
          </th>
        </tr>
      </thead>
      <tbody>
        {[...names].map((name) => (
          <tr key={name}>
            <th scope="row">
              <Stage name={name} />
            </th>
            <td className="num">{sum(name, "before").toLocaleString("en-GB")}</td>
            <td className="num strong">{sum(name, "after").toLocaleString("en-GB")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
