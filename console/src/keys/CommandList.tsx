/** What can be done here, by its name: screens, the actions of the screen with their keys, and a lead by its id. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState } from "react";
import { api, read } from "../api/client";
import { failed } from "../parts/notices";
import { sayFailure } from "../parts/problem";
import { useMay } from "../session";
import { useKeys } from "./bindings";
import { ACTIONS, keyName, SHORTCUTS } from "./shortcuts";
import { availableActions } from "./useActions";

interface Command {
  name: string;
  key?: string;
  run: () => void;
}

export interface ScreenLink {
  name: string;
  to: string;
  search?: Record<string, string>;
  scope?: string;
}

export function CommandList({ screens, onClose }: { screens: readonly ScreenLink[]; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  // What the screen could do when the list was opened: the list itself does nothing by keys.
  const [actions] = useState(availableActions);
  const commands = useCommands(screens, actions, typed);
  const chosen = commands[Math.min(at, commands.length - 1)];
  useEffect(() => dialog.current?.showModal(), []);
  const run = (command: Command | undefined) => {
    if (!command) return;
    dialog.current?.close();
    setTimeout(command.run); // once the focus is back where it was
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "Enter") run(chosen);
    else if (event.key === "ArrowDown") setAt(Math.min(at + 1, commands.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} className="dialog commands" onClose={onClose} aria-label="Go to, or do">
      <input
        role="combobox"
        aria-label="Go to a screen or a lead, or do something"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={chosen && `${id}-${commands.indexOf(chosen)}`}
        autoComplete="off"
        placeholder="Screen, action, or the id of a lead"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id={id} aria-label="Commands" tabIndex={-1}>
        {commands.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field above
          <div
            key={command.name}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={command === chosen}
            onClick={() => run(command)}
          >
            <span className="clip">{command.name}</span>
            {command.key && <kbd>{command.key}</kbd>}
          </div>
        ))}
      </div>
    </dialog>
  );
}

function useCommands(
  screens: readonly ScreenLink[],
  actions: ReturnType<typeof availableActions>,
  typed: string,
): Command[] {
  const navigate = useNavigate();
  const may = useMay();
  const { on, bindings } = useKeys();
  const wanted = typed.trim().toLowerCase();
  const all: Command[] = [
    ...screens
      .filter((one) => one.scope === undefined || may(one.scope))
      .map((one) => ({
        name: `Go to ${one.name}`,
        run: () => void navigate({ to: one.to, search: one.search ?? {} }),
      })),
    ...ACTIONS.filter((one) => actions.has(one) && one !== "commands").map((one) => ({
      name: SHORTCUTS[one].does,
      ...(on && { key: keyName(bindings[one]) }),
      run: () => actions.get(one)?.(),
    })),
  ];
  const leadId = typed.trim();
  const open = (id: string) => void navigate({ to: "/leads/$leadId", params: { leadId: id } });
  const person = personIn(leadId);
  return [
    ...all.filter((one) => one.name.toLowerCase().includes(wanted)),
    ...(person ? [{ name: `Find the lead with ${leadId}`, run: () => find(person, open) }] : []),
    ...(leadId === "" ? [] : [{ name: `Open the lead ${leadId}`, run: () => open(leadId) }]),
  ];
}

type Person = { email: string } | { phone: string };

/** What is typed, if it is what a person is known by. */
function personIn(typed: string): Person | null {
  if (/^\S+@\S+\.\S+$/.test(typed)) return { email: typed };
  return /^\+?[\d ()./-]{6,}$/.test(typed) ? { phone: typed } : null;
}

/** Opens the lead of a person, whose address or number stays out of the address of the page. */
function find(person: Person, open: (leadId: string) => void): void {
  read(api.GET("/api/leads", { params: { query: person } }))
    .then(({ items: [lead] }) => (lead ? open(lead.leadId) : failed("No lead has this address or number.")))
    .catch(sayFailure("Not found"));
}
