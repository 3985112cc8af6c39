import { useQuery } from "@tanstack/react-query";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import type { Label } from "../rules/queries";
import { useSession } from "../session";
import { trialQuery } from "./queries";
import { happens } from "./said";

/** What a lead would get that is enrolled now and does nothing, by the code that does it. */
export function TrialCalendar({ label }: { label: Label }) {
  const { zone } = useSession().person;
  const trial = useQuery(trialQuery(label));
  const now = currentTime();
  return (
    <Part title="A lead that does nothing">
      <p className="quiet small">
        What it would get if it were enrolled now, in the time zone of the sequence; the times are yours.
      </p>
      <Loaded query={trial} what="The calendar" rows={4}>
        {({ items }) => (
          <ol className="log">
            {items.map((one, index) => (
              <li key={`entry-${index.toString()}`}>
                <span className="quiet">{moment(new Date(one.at), zone, now)}</span>
                <span>
                  {happens(one)} {one.step && <span className="faint">step {one.step}</span>}
                </span>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Part>
  );
}
