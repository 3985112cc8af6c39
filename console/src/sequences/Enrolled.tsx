/** The leads that are in a version of a sequence now, or were: each leads to its page, and can be taken out. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { Pages } from "../parts/Pages";
import { Part } from "../parts/Part";
import type { Label } from "../rules/queries";
import { useMay, useNameOf, useSession } from "../session";
import { type Enrolment, enrolledQuery } from "./queries";
import { StopSequence } from "./StopSequence";
import { ending, enrolledBy } from "./said";

export function Enrolled({ label, active }: { label: Label; active: boolean }) {
  const leads = useInfiniteQuery(enrolledQuery(label, active));
  const may = useMay();
  const [stopping, setStopping] = useState<Enrolment | null>(null);
  const place = useRef<HTMLDivElement>(null);
  // The parts above come later than this one, so the browser cannot go to the place by itself.
  useEffect(() => {
    if (location.hash === "#leads") place.current?.scrollIntoView();
  }, []);
  return (
    <div id="leads" ref={place}>
      <Part
        title={active ? "Leads in it now" : "Leads for which it has ended"}
        aside={
          <Link
            className="link small quiet"
            to="/sequences/$name/$version"
            params={{ name: label.name, version: String(label.version) }}
            search={active ? { show: "ended" } : {}}
            resetScroll={false}
          >
            {active ? "Those for which it has ended" : "Those in it now"}
          </Link>
        }
      >
        <Pages
          query={leads}
          what="The leads"
          empty={
            active
              ? "Nobody is in it. A lead is enrolled on its page, by an automation, or by the API."
              : "It has ended for nobody yet."
          }
        >
          {(items) => (
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col">Lead</th>
                  <th scope="col">{active ? "Next step" : "Ended"}</th>
                  <th scope="col" className="opt">
                    Enrolled
                  </th>
                  {active && may("work") && (
                    <th scope="col">
                      <span className="sr">Stop</span>
                    </th>
                  )}
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.enrolmentId}>
                    <th scope="row" className="anywhere">
                      <Link className="link" to="/leads/$leadId" params={{ leadId: one.leadId }}>
                        {one.leadId}
                      </Link>
                    </th>
                    <td>{one.active ? <Due of={one} /> : <Ended of={one} />}</td>
                    <td className="opt quiet">
                      <Begun of={one} />
                    </td>
                    {active && may("work") && (
                      <td className="num">
                        <button className="btn small" type="button" onClick={() => setStopping(one)}>
                          Stop<span className="sr"> for {one.leadId}</span>
                        </button>
                      </td>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Pages>
      </Part>
      {stopping && (
        <StopSequence leadId={stopping.leadId} enrolments={[stopping]} onClose={() => setStopping(null)} />
      )}
    </div>
  );
}

function Due({ of }: { of: Enrolment }) {
  const { zone } = useSession().person;
  if (of.dueAt === null) return "nothing is due";
  return (
    <>
      {moment(new Date(of.dueAt), zone, currentTime())}
      {of.waitsBecause && <span className="faint"> {of.waitsBecause}</span>}
    </>
  );
}

function Ended({ of }: { of: Enrolment }) {
  const { zone } = useSession().person;
  return (
    <>
      {ending(of.ended ?? "")}{" "}
      {of.endedAt && <span className="faint">{moment(new Date(of.endedAt), zone, currentTime())}</span>}
    </>
  );
}

/** When and by whom a lead was enrolled, and why. */
export function Begun({ of }: { of: Enrolment }) {
  const { zone } = useSession().person;
  const nameOf = useNameOf();
  return (
    <>
      {moment(new Date(of.enrolledAt), zone, currentTime())}, by {enrolledBy(of.by, nameOf)}
      {of.why && `: ${of.why}`}
    </>
  );
}
