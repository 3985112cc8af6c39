import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, read, type Schemas } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { done } from "../parts/notices";
import { useChange } from "../parts/useChange";

/** The way back from the active rules to those before them. */
export function RollBack({ active }: { active: string }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const back = useChange<Schemas["ActivationView"]>(["rules"], ["ops"]);
  const submit = () =>
    back.mutate({
      call: () => read(api.POST("/api/rulebooks/rollback")),
      said: "Rolled back.",
      onDone: ({ label }) => {
        setAsked(false);
        done(`${label} is active again.`);
        // Every score on any screen may be another one now.
        client.invalidateQueries().catch(() => undefined);
      },
    });
  return (
    <>
      <button className="btn small" type="button" onClick={() => setAsked(true)}>
        Roll back
      </button>
      {asked && (
        <Dialog
          title={`Roll back from ${active}?`}
          action="Roll back"
          busy={back.isPending}
          onSubmit={submit}
          onClose={() => setAsked(false)}
        >
          <ul className="points">
            <li>The rulebook that was active before {active} is active again within two seconds.</li>
            <li>Leads are rebuilt in the background. Automations do not fire because of it.</li>
            <li>Rolling back once more leads to {active} again.</li>
          </ul>
        </Dialog>
      )}
    </>
  );
}
