/** What becomes of the open leads and tasks of somebody whose access ends: the engine asks, and so does this. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef } from "react";
import { api, read, type Schemas } from "../api/client";
import { done } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { usePeople } from "../session";

type Choice = "person" | "routing" | "nobody" | "stay";

export function EndAccessDialog({ person, onClose }: { person: Schemas["PersonView"]; onClose: () => void }) {
  const client = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const { people } = usePeople();
  useEffect(() => dialog.current?.showModal(), []);
  const others = people.filter((one) => one.active && one.id !== person.id && one.role !== "viewer");
  const end = useMutation({
    mutationFn: (form: FormData) => {
      const chosen = String(form.get("to"));
      const isPerson = others.some((one) => one.id === chosen);
      return read(
        api.POST("/api/people/{person_id}/deactivate", {
          params: { path: { person_id: person.id } },
          body: {
            leads: {
              to: isPerson ? "person" : (chosen as Choice),
              ...(isPerson ? { ownerId: chosen } : {}),
              why: String(form.get("why")),
            },
          },
        }),
      );
    },
    onSuccess: async () => {
      done(`${person.name} has no access any more.`);
      dialog.current?.close();
      await client.invalidateQueries({ queryKey: ["people"] });
    },
    onError: sayFailure("Access was not ended"),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    end.mutate(new FormData(event.currentTarget));
  };
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="end-access-title">
      <h2 className="head" id="end-access-title">
        {person.name} has open leads or tasks
      </h2>
      <form onSubmit={submit}>
        <p className="field">
          <label htmlFor="end-access-to">They go to</label>
          <select id="end-access-to" name="to" defaultValue="routing">
            <option value="routing">whoever the routing rules choose</option>
            {others.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
            <option value="nobody">nobody</option>
            <option value="stay">nobody else for now: they stay</option>
          </select>
        </p>
        <p className="field">
          <label htmlFor="end-access-why">Why, for the history of the leads</label>
          <input id="end-access-why" name="why" maxLength={500} />
        </p>
        <p className="acts">
          <button className="btn primary" type="submit" disabled={end.isPending}>
            End access
          </button>
          <button className="btn" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}
