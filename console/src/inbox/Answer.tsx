/** The lead whose turn it is in the inbox: what it wrote, the answer, and what was said before. */
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { currentTime } from "../clock";
import { since } from "../format/time";
import { Key } from "../keys/Key";
import { useActions } from "../keys/useActions";
import { CallDialog } from "../leads/CallDialog";
import { ContactLine } from "../leads/ContactLine";
import { Part } from "../parts/Part";
import { Stage } from "../parts/Stage";
import { useMay } from "../session";
import { AskForDraft } from "./AskForDraft";
import { DraftsOfLead } from "./DraftsOfLead";
import { MessageForm } from "./MessageForm";
import { OptOuts } from "./OptOuts";
import type { Conversation } from "./queries";
import { Thread } from "./Thread";
import { Wrote } from "./Wrote";

interface Props {
  of: Conversation;
  next: () => void;
  answered: (leadId: string, is: boolean) => void;
}

export function Answer({ of, next, answered }: Props) {
  const { leadId, score, stage, last, waitingSince } = of;
  const may = useMay()("work");
  const field = useRef<HTMLTextAreaElement>(null);
  const [calling, setCalling] = useState(false);
  useActions(may ? { write: () => field.current?.focus(), call: () => setCalling(true) } : {});
  return (
    <div className="wrap focus">
      <div className="lead-head">
        <h2>
          <Link to="/leads/$leadId" params={{ leadId }}>
            {leadId}
          </Link>
        </h2>
        <div className="score">
          <b>{Math.round(score)}</b>
          <Stage name={stage} />
        </div>
      </div>
      <ContactLine leadId={leadId} />
      <OptOuts leadId={leadId} optOuts={of.optOuts} suspected={of.suspectedOptOuts} />
      {last ? (
        <Wrote received={last} />
      ) : (
        <p className="opening">Wrote {since(new Date(waitingSince), currentTime())}.</p>
      )}
      {may && (
        <MessageForm
          leadId={leadId}
          channel={last?.channel ?? undefined}
          subject={last?.subject ?? undefined}
          field={field}
          sent={() => answered(leadId, true)}
          undone={() => answered(leadId, false)}
        >
          <button className="btn" type="button" onClick={() => setCalling(true)}>
            Log a call <Key of="call" />
          </button>
          <button className="btn bare" type="button" onClick={next}>
            Next <Key of="next" />
          </button>
        </MessageForm>
      )}
      <Part title="Before" aside={may && <AskForDraft leadId={leadId} purpose="reply" />}>
        <DraftsOfLead leadId={leadId} />
        <Thread leadId={leadId} empty="Nothing was said before." without={last?.eventId} />
      </Part>
      {calling && (
        <CallDialog
          leadId={leadId}
          onClose={() => setCalling(false)}
          onLogged={() => answered(leadId, true)}
        />
      )}
    </div>
  );
}
