/** What a lead asked for in its replies: the opt-outs that hold, and the suspected ones, which a person is to judge. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { useMay, useSession } from "../session";
import { channelName } from "./channels";
import "./inbox.css";

interface Props {
  leadId: string;
  optOuts: Schemas["OptOutView"][];
  suspected: Schemas["SuspectedOptOutView"][];
}

export function OptOuts({ leadId, optOuts, suspected }: Props) {
  const { zone } = useSession().person;
  const may = useMay()("work");
  const { judged, judge } = useJudge(leadId);
  const when = (at: string) => moment(new Date(at), zone, currentTime());
  return (
    <>
      {optOuts.map(({ channel, at }) => (
        <p key={channel} className="banner alarmed">
          Asked for no more messages{channel !== "all" && ` by ${channelName(channel)}`}, {when(at)}.
        </p>
      ))}
      {suspected
        .filter((one) => !judged.has(one.replyId))
        .map(({ replyId, at, probability }) => (
          <div key={replyId} className="banner">
            <p>
              Perhaps an opt-out ({Math.round(probability * 100)} %): the reply of {when(at)}. Rules,
              sequences and campaigns send nothing until somebody says what it is.
            </p>
            {may && (
              <p>
                <button className="btn" type="button" onClick={() => judge(replyId, true)}>
                  Opt-out: suppress
                </button>{" "}
                <button className="btn" type="button" onClick={() => judge(replyId, false)}>
                  Not an opt-out
                </button>
              </p>
            )}
          </div>
        ))}
    </>
  );
}

/** Say what a reply is; what was said shows at once, and the lead is read again. */
function useJudge(leadId: string) {
  const client = useQueryClient();
  const [judged, setJudged] = useState<ReadonlySet<string>>(new Set());
  const judge = (replyId: string, optOut: boolean) => {
    const params = { path: { lead_id: leadId, reply_id: replyId } };
    read(api.POST("/api/leads/{lead_id}/replies/{reply_id}/judgement", { params, body: { optOut } }))
      .then(() => {
        setJudged((before) => new Set([...before, replyId]));
        done(
          optOut
            ? "Suppressed: nothing goes to this lead any more."
            : "Not an opt-out: messages go out again.",
        );
        return client.invalidateQueries({ queryKey: ["lead", leadId] });
      })
      .catch(sayFailure("Not judged"));
  };
  return { judged, judge };
}
