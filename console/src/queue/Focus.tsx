/** The lead whose turn it is: what to say, what to do, and why it comes first. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { currentTime } from "../clock";
import { fixed } from "../format/numbers";
import { clock, moment, since } from "../format/time";
import { words } from "../format/words";
import { Wrote } from "../inbox/Wrote";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";
import { AssignDialog } from "../leads/AssignDialog";
import { CallDialog } from "../leads/CallDialog";
import { ContactLine } from "../leads/ContactLine";
import { MessageButton, MessageDialog } from "../leads/MessageDialog";
import { NoteButton, NoteDialog } from "../leads/NoteDialog";
import { useClaim } from "../leads/useClaim";
import { Stage } from "../parts/Stage";
import { between, likelyTo, percent } from "../prediction/words";
import { useMay, useNameOf, useSession } from "../session";
import { SnoozeDialog } from "../snooze/SnoozeDialog";
import type { Queued } from "./queueQuery";
import { Stairs } from "./Stairs";

interface Props {
  lead: Queued;
  list: string;
  next: () => void;
  snooze: (lead: Queued, until: Date) => void;
  finish: (lead: Queued) => void;
}

export function Focus({ lead, list, next, snooze, finish }: Props) {
  const { zone } = useSession().person;
  const me = useSession().person.id;
  const [dialog, setDialog] = useState<"call" | "write" | "note" | "assign" | "snooze" | null>(null);
  const close = () => setDialog(null);
  const claim = useClaim(lead.leadId);
  const closeCall = () => {
    close();
    claim.release();
  };
  const now = currentTime();
  const taken = lead.presence && lead.presence.personId !== me ? lead.presence : null;
  const mine = lead.presence?.personId === me ? lead.presence : null;
  const act = useWork({
    call: () => !taken && claim.claim({ taken: () => setDialog("call") }),
    write: () => setDialog("write"),
    note: () => setDialog("note"),
    assign: () => setDialog("assign"),
    snooze: () => setDialog("snooze"),
    done: () => finish(lead),
    work: () => (mine ? claim.release() : claim.claim()),
  });
  return (
    <div className="wrap focus">
      <div className="lead-head">
        <h2>
          <Link to="/leads/$leadId" params={{ leadId: lead.leadId }} search={{ list }}>
            {lead.leadId}
          </Link>
        </h2>
        <div className="score">
          <b>{Math.round(lead.score)}</b>
          <Stage name={lead.stage} />
        </div>
        <p className="quiet">
          {lead.lastActivityAt ? `seen ${since(new Date(lead.lastActivityAt), now)}` : "never seen"}
        </p>
      </div>
      <ContactLine leadId={lead.leadId} />
      {lead.because.wrote ? (
        <Wrote received={lead.because.wrote} />
      ) : (
        <p className="opening">{lead.summary}</p>
      )}
      {taken && <Taken personId={taken.personId} until={taken.until} />}
      <div className="acts">
        {act && (
          <>
            <button className="btn primary" type="button" disabled={taken !== null} onClick={act.call}>
              Log a call <Key of="call" />
            </button>
            <button className="btn" type="button" onClick={act.done}>
              Done <Key of="done" />
            </button>
            <button className="btn" type="button" onClick={act.snooze}>
              Snooze <Key of="snooze" />
            </button>
            <button className="btn" type="button" onClick={act.assign}>
              Assign <Key of="assign" />
            </button>
            <MessageButton open={act.write} />
            <NoteButton open={act.note} />
          </>
        )}
        <button className="btn bare" type="button" onClick={next}>
          Next <Key of="next" />
        </button>
      </div>
      {act && mine && (
        <p className="small quiet mine">
          You are on it until {clock(new Date(mine.until), zone)}, and others see it.{" "}
          <button className="plain link" type="button" onClick={act.work}>
            Let go
          </button>
        </p>
      )}
      <dl className="facts">
        <div>
          <dt>Next</dt>
          <dd>
            <span className="strong block">{words(lead.nextAction)}</span>
            <span className="quiet">{lead.nextActionBecause}</span>
          </dd>
        </div>
        <div>
          <dt>Here because</dt>
          <dd>{lead.because.text}</dd>
        </div>
        {lead.win && (
          <div>
            <dt>Likely to {likelyTo(lead.win.outcome)}</dt>
            <dd>
              <span className="strong">
                {percent(lead.win.probability)} within {lead.win.horizonDays} days
              </span>{" "}
              <span className="quiet">({between(lead.win.interval)})</span>
              <ul className="small quiet">
                {lead.win.parts.map((part) => (
                  <li key={part.feature}>
                    {part.words}: &times; {fixed(part.odds, 1)}
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
        <div>
          <dt>If nothing happens</dt>
          <dd className="strong">
            {lead.drop
              ? `Falls to ${lead.drop.stage} on ${moment(new Date(lead.drop.at), zone, now)}`
              : "Stays as it is"}
          </dd>
        </div>
      </dl>
      <Stairs lead={lead} />
      {dialog === "call" && <CallDialog leadId={lead.leadId} onClose={closeCall} />}
      {dialog === "write" && <MessageDialog leadId={lead.leadId} onClose={close} />}
      {dialog === "note" && <NoteDialog leadId={lead.leadId} onClose={close} />}
      {dialog === "assign" && <AssignDialog lead={lead} onClose={close} />}
      {dialog === "snooze" && (
        <SnoozeDialog
          what={lead.leadId}
          help="It leaves your queue, and nobody else’s, until then, or until it writes. Its tasks stay due when they are."
          choose={(until) => snooze(lead, until)}
          onClose={close}
        />
      )}
    </div>
  );
}

interface Work {
  call: () => void;
  write: () => void;
  note: () => void;
  assign: () => void;
  snooze: () => void;
  done: () => void;
  work: () => void;
}

/** The handlers on their keys, for those who may work with leads; null for others. */
function useWork(handlers: Work): Work | null {
  const may = useMay()("work");
  useActions(may ? { ...handlers } : {});
  return may ? handlers : null;
}

function Taken({ personId, until }: { personId: string; until: string }) {
  const { zone } = useSession().person;
  const nameOf = useNameOf();
  return (
    <p className="banner">
      {nameOf(personId)} is on it, until {clock(new Date(until), zone)}
    </p>
  );
}
