/** The sequences that a lead is in: what will go out and when, why it is in them, enrolling and stopping by button and key. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";
import { Loaded } from "../parts/Loaded";
import { Part } from "../parts/Part";
import { labelOf } from "../rules/queries";
import { useMay, useSession } from "../session";
import { EnrolLead } from "./EnrolLead";
import { Begun } from "./Enrolled";
import { type CalendarEntry, calendarQuery, type Enrolment, enrolmentsQuery } from "./queries";
import { StopSequence } from "./StopSequence";
import { ending, happens } from "./said";
import "./sequences.css";

export function SequencesOfLead({ leadId }: { leadId: string }) {
  const may = useMay();
  const enrolments = useQuery(enrolmentsQuery(leadId));
  const calendar = useQuery(calendarQuery(leadId));
  const [dialog, setDialog] = useState<"enrol" | "stop" | null>(null);
  const [stopping, setStopping] = useState<Enrolment | null>(null);
  const works = may("work");
  useActions(works ? { enrol: () => setDialog("enrol"), stop: () => setDialog("stop") } : {});
  const close = () => {
    setDialog(null);
    setStopping(null);
  };
  const running = enrolments.data?.items.filter((one) => one.active);
  return (
    <Part
      title="What will go out"
      aside={
        works && (
          <button className="btn small" type="button" onClick={() => setDialog("enrol")}>
            Enrol in a sequence <Key of="enrol" />
          </button>
        )
      }
    >
      <Loaded query={enrolments} what="The sequences" rows={2}>
        {({ items }) => (
          <>
            {items.every((one) => !one.active) && (
              <p className="small faint">Nothing by itself: the lead is in no sequence.</p>
            )}
            {items
              .filter((one) => one.active)
              .map((one) => (
                <Running
                  key={one.enrolmentId}
                  enrolment={one}
                  entries={calendar.data?.items.filter((entry) => entry.enrolmentId === one.enrolmentId)}
                  failed={calendar.error !== null && !calendar.data}
                  stop={works ? () => setStopping(one) : null}
                />
              ))}
            <Over items={items.filter((one) => !one.active)} />
          </>
        )}
      </Loaded>
      {dialog === "enrol" && <EnrolLead leadId={leadId} onClose={close} />}
      {(dialog === "stop" || stopping) && (
        <StopSequence leadId={leadId} enrolments={stopping ? [stopping] : running} onClose={close} />
      )}
    </Part>
  );
}

interface RunningProps {
  enrolment: Enrolment;
  entries: CalendarEntry[] | undefined;
  failed: boolean;
  stop: (() => void) | null;
}

function Running({ enrolment, entries, failed, stop }: RunningProps) {
  const { zone } = useSession().person;
  const now = currentTime();
  return (
    <section className="running" aria-label={`Calendar of ${enrolment.sequence}`}>
      <p className="running-head">
        <span>
          <SequenceLink label={enrolment.sequence} />{" "}
          <span className="quiet">
            since <Begun of={enrolment} />
          </span>
        </span>
        {stop && (
          <button className="btn small" type="button" onClick={stop}>
            Stop<span className="sr"> {enrolment.sequence}</span> <Key of="stop" />
          </button>
        )}
      </p>
      {failed && <p className="small alarm">The calendar did not load.</p>}
      {entries && (
        <ol className="log">
          {entries.map((one, index) => (
            <li key={`entry-${index.toString()}`}>
              <span className="quiet">{moment(new Date(one.at), zone, now)}</span>
              <span>
                {happens(one)} {one.step && <span className="faint">step {one.step}</span>}
              </span>
            </li>
          ))}
        </ol>
      )}
      {entries && entries.length > 0 && (
        <p className="small faint">If nothing happens meanwhile. An answer of the lead ends it.</p>
      )}
    </section>
  );
}

function SequenceLink({ label }: { label: string }) {
  const { name, version } = labelOf(label) ?? { name: label, version: 0 };
  return (
    <Link className="link strong" to="/sequences/$name/$version" params={{ name, version: String(version) }}>
      {name} {version}
    </Link>
  );
}

function Over({ items }: { items: Enrolment[] }) {
  const { zone } = useSession().person;
  const now = currentTime();
  if (items.length === 0) return null;
  return (
    <details className="small">
      <summary className="quiet">
        Was in {items.length} {items.length === 1 ? "sequence" : "sequences"} before
      </summary>
      <ul className="entries">
        {items.map((one) => (
          <li key={one.enrolmentId}>
            <span>
              <SequenceLink label={one.sequence} />: {ending(one.ended ?? "").toLowerCase()}
              {one.endedAt && `, ${moment(new Date(one.endedAt), zone, now)}`}
            </span>
            <span className="faint">
              Enrolled <Begun of={one} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
