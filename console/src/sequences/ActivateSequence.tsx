/** Activating a version of a sequence, or none: what happens is said first, and a person confirms it. */
import { api, Problem, read, type Schemas } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { useChange } from "../parts/useChange";
import type { Label } from "../rules/queries";

interface Props {
  label: Label;
  active: string | undefined;
  /** The sequence as text, where it was not published yet. */
  text?: string;
  onClose: () => void;
  onDone: () => void;
}

type Activation = Schemas["SequenceActivationView"];

export function ActivateSequence({ label, active, text, onClose, onDone }: Props) {
  const activate = useChange<Activation>(["sequences"]);
  const named = `${label.name}@${label.version}`;
  const confirm = () =>
    activate.mutate({
      call: () => read(api.POST("/api/sequences/activate", { body: text === undefined ? label : { text } })),
      said: `${named} is active now.`,
      onDone,
    });
  return (
    <Dialog
      title={`Activate ${named}?`}
      action={`Activate ${named}`}
      busy={activate.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <ul className="points">
        <li>
          Leads are enrolled in {named} from now on
          {active && active !== named ? `, instead of ${active}` : ""}. It enrols nobody by itself.
        </li>
        <li>Leads that are in another version go on under that one.</li>
        {text !== undefined && (
          <li>{named} is published with it: this name and version never have other steps again.</li>
        )}
      </ul>
      <Refused error={activate.error} />
    </Dialog>
  );
}

export function DeactivateSequence({ label, onClose }: { label: Label; onClose: () => void }) {
  const deactivate = useChange<Activation>(["sequences"]);
  const confirm = () =>
    deactivate.mutate({
      call: () =>
        read(api.POST("/api/sequences/{name}/deactivate", { params: { path: { name: label.name } } })),
      said: `${label.name} takes no more leads.`,
      onDone: onClose,
    });
  return (
    <Dialog
      title={`Enrol nobody any more in ${label.name}?`}
      action="Deactivate"
      busy={deactivate.isPending}
      onSubmit={confirm}
      onClose={onClose}
    >
      <ul className="points">
        <li>
          Automations and people that enrol leads in {label.name} are refused until a version is active.
        </li>
        <li>Leads that are in it go on to its end.</li>
      </ul>
      <Refused error={deactivate.error} />
    </Dialog>
  );
}

function Refused({ error }: { error: Error | null }) {
  return (
    error && (
      <p className="alarm" role="alert">
        {error instanceof Problem ? error.sentence : "Nothing was changed."}
      </p>
    )
  );
}
