/** What a rep does with the lead on the screen, by button and by key. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { currentTime } from "../clock";
import { clock, moment } from "../format/time";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";
import { useOnceReady } from "../keys/useOnceReady";
import { done, say } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { useSession } from "../session";
import { SnoozeDialog } from "../snooze/SnoozeDialog";
import { snoozesQuery, useSnooze } from "../snooze/useSnooze";
import { AssignDialog, type Owned } from "./AssignDialog";
import { CallDialog } from "./CallDialog";
import { MessageButton, MessageDialog } from "./MessageDialog";
import { NoteButton, NoteDialog } from "./NoteDialog";
import { tasksOfLeadQuery } from "./queries";
import { useClaim } from "./useClaim";

export function LeadActions({ leadId, lead }: { leadId: string; lead: Owned | undefined }) {
  const { zone } = useSession().person;
  const [dialog, setDialog] = useState<"call" | "write" | "note" | "assign" | "snooze" | null>(null);
  const close = () => setDialog(null);
  const [until, setUntil] = useState<string | null>(null);
  const claim = useClaim(leadId, setUntil);
  const work = () => (until === null ? claim.claim() : claim.release());
  const snoozed = useSnoozedLead(leadId);
  useActions({
    call: () => setDialog("call"),
    write: () => setDialog("write"),
    note: () => setDialog("note"),
    assign: () => setDialog("assign"), // shown as soon as the lead is there
    snooze: () => setDialog("snooze"),
    done: useFirstTask(leadId),
    work,
  });
  return (
    <>
      <div className="acts">
        <button className="btn primary" type="button" onClick={() => setDialog("call")}>
          Log a call <Key of="call" />
        </button>
        <MessageButton open={() => setDialog("write")} />
        <NoteButton open={() => setDialog("note")} />
        <button className="btn" type="button" onClick={() => setDialog("snooze")}>
          Snooze <Key of="snooze" />
        </button>
        <button className="btn" type="button" onClick={() => setDialog("assign")}>
          Assign <Key of="assign" />
        </button>
        <button className="btn" type="button" onClick={work}>
          {until === null ? "Work on it" : "Let go"} <Key of="work" />
        </button>
      </div>
      {until !== null && (
        <p className="small quiet mine">
          You are on it until {clock(new Date(until), zone)}, and others see it.
        </p>
      )}
      {snoozed.until && (
        <p className="small quiet mine">
          Out of your queue until {moment(new Date(snoozed.until), zone, currentTime())}.{" "}
          <button className="plain link" type="button" onClick={snoozed.end}>
            Bring it back
          </button>
        </p>
      )}
      {dialog === "call" && <CallDialog leadId={leadId} onClose={close} />}
      {dialog === "write" && <MessageDialog leadId={leadId} onClose={close} />}
      {dialog === "note" && <NoteDialog leadId={leadId} onClose={close} />}
      {dialog === "assign" && lead && <AssignDialog lead={lead} onClose={close} />}
      {dialog === "snooze" && (
        <SnoozeDialog
          what={leadId}
          help="It leaves your queue, and nobody else’s, until then, or until it writes. Its tasks stay due when they are."
          choose={snoozed.set}
          onClose={close}
        />
      )}
    </>
  );
}

/** Until when the lead is out of the queue of the person who looks, and what changes that. */
function useSnoozedLead(leadId: string) {
  const { zone } = useSession().person;
  const { data } = useQuery(snoozesQuery);
  const snooze = useSnooze();
  const end = () => {
    snooze
      .end(leadId)
      .then(() => done(`${leadId} is back in your queue.`))
      .catch(sayFailure("Not changed"));
  };
  const set = (until: Date) => {
    snooze
      .set(leadId, until)
      .then(() => done(`${leadId} is snoozed until ${moment(until, zone, currentTime())}.`, end))
      .catch(sayFailure("Not snoozed"));
  };
  return { until: data?.items.find((one) => one.leadId === leadId)?.until, set, end };
}

/** Ticks the task of the lead that is due first. */
function useFirstTask(leadId: string): () => void {
  const { data } = useQuery(tasksOfLeadQuery(leadId));
  const first = data?.items.find((one) => one.state === "open");
  return useOnceReady(data !== undefined, () => {
    if (first) document.getElementById(`task-${first.taskId}`)?.click();
    else say(`${leadId} has no open task.`);
  });
}
