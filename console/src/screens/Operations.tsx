/** What the engine does, and what stands still: lag, due work, background loops, dead letters with retry and discard. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { api, Problem, read, type Schemas } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import { Loops, Overview } from "../operations/Overview";
import { OperationsScreen } from "../operations/Tabs";
import { Field } from "../parts/Field";
import { done, failed } from "../parts/notices";
import { Failure, Loading } from "../parts/states";
import { useMay, useSession } from "../session";

type Letter = Schemas["DeadLetterView"];
const EVERY_MS = 15_000;

export function Operations() {
  const may = useMay();
  return (
    <OperationsScreen title="Operations">
      {may("manage") && (
        <>
          <Overview />
          <DeadLetters />
          <Loops />
        </>
      )}
    </OperationsScreen>
  );
}

function DeadLetters() {
  const client = useQueryClient();
  const { zone } = useSession().person;
  const [discarding, setDiscarding] = useState<Letter | null>(null);
  const letters = useQuery({
    queryKey: ["ops", "dead-letters"],
    queryFn: () => read(api.GET("/api/dead-letters", { params: { query: { limit: 100 } } })),
    refetchInterval: EVERY_MS,
  });
  const retry = useMutation({
    mutationFn: (leadId: string) =>
      read(api.POST("/api/dead-letters/{lead_id}/retry", { params: { path: { lead_id: leadId } } })),
    onSuccess: (_, leadId) => done(`${leadId} is folded again.`),
    onError: (error) => failed(error instanceof Problem ? error.sentence : "Nothing was changed."),
    onSettled: () => client.invalidateQueries({ queryKey: ["ops", "dead-letters"] }),
  });
  const items = letters.data?.items ?? [];
  const now = currentTime();
  return (
    <section className="part" aria-labelledby="letters-title">
      <h2 className="head" id="letters-title">
        Dead letters
      </h2>
      {letters.error && !letters.data && (
        <Failure what="The list" error={letters.error} retry={() => void letters.refetch()} />
      )}
      {letters.isPending && !letters.error && <Loading what="dead letters" rows={2} />}
      {letters.data && items.length === 0 && (
        <p className="quiet">
          Every lead can be folded. One whose events cannot be applied would stand here with its reason.
        </p>
      )}
      {items.length > 0 && (
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">Lead</th>
              <th scope="col">Reason</th>
              <th scope="col" className="num opt">
                Attempts
              </th>
              <th scope="col" className="opt">
                Since
              </th>
              <th scope="col">
                <span className="sr">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((letter) => (
              <tr key={letter.leadId}>
                <th scope="row">
                  <Link className="link" to="/leads/$leadId" params={{ leadId: letter.leadId }}>
                    {letter.leadId}
                  </Link>
                </th>
                <td>
                  {letter.reason}
                  {letter.eventId && <span className="block small faint">event {letter.eventId}</span>}
                </td>
                <td className="num opt">{letter.attempts}</td>
                <td className="opt">{moment(new Date(letter.firstAt), zone, now)}</td>
                <td className="num nowrap">
                  <button className="btn small" type="button" onClick={() => retry.mutate(letter.leadId)}>
                    Retry<span className="sr"> {letter.leadId}</span>
                  </button>{" "}
                  {letter.eventId && (
                    <button className="btn small" type="button" onClick={() => setDiscarding(letter)}>
                      Discard the event<span className="sr"> of {letter.leadId}</span>
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {letters.data?.nextCursor && <p className="small faint">These are the first 100.</p>}
      {discarding && <DiscardDialog letter={discarding} onClose={() => setDiscarding(null)} />}
    </section>
  );
}

function DiscardDialog({ letter, onClose }: { letter: Letter; onClose: () => void }) {
  const client = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const discard = useMutation({
    mutationFn: (reason: string) =>
      read(
        api.POST("/api/dead-letters/{lead_id}/discard", {
          params: { path: { lead_id: letter.leadId } },
          body: { eventId: letter.eventId ?? "", reason },
        }),
      ),
    onSuccess: () => {
      done("The event stays stored and no longer counts.");
      dialog.current?.close();
    },
    onError: (error) => failed(error instanceof Problem ? error.sentence : "Nothing was changed."),
    onSettled: () => client.invalidateQueries({ queryKey: ["ops", "dead-letters"] }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    discard.mutate(String(new FormData(event.currentTarget).get("reason")));
  };
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="discard-title">
      <h2 className="head" id="discard-title">
        Discard event {letter.eventId}?
      </h2>
      <p className="quiet">It stays stored, and nothing of it counts. This is not undone here.</p>
      <form onSubmit={submit}>
        <Field label="Why" name="reason" required maxLength={500} autoComplete="off" />
        <p className="acts">
          <button className="btn" type="submit" disabled={discard.isPending}>
            Discard
          </button>
          <button className="btn" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}
