import { type FormEvent, useRef, useState } from "react";
import { api, read } from "../api/client";
import { failed } from "../parts/notices";
import { useChange } from "../parts/useChange";
import { AT_A_TIME, valuesIn } from "./suppressionList";

export const SCOPES = [
  { scope: "all", name: "every channel" },
  { scope: "email", name: "e-mail" },
  { scope: "whatsapp", name: "WhatsApp" },
  { scope: "linkedin", name: "LinkedIn" },
];

/** Recipients to suppress, typed, pasted, or read from a file. */
export function AddSuppressions() {
  const add = useChange<number>(["inbox", "suppressions"]);
  const form = useRef<HTMLFormElement>(null);
  const [text, setText] = useState("");
  const values = valuesIn(text);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    const scope = String(said.get("scope"));
    const why = String(said.get("why"));
    add.mutate({
      call: () => store(values.map((value) => ({ value, scope, why }))),
      said:
        values.length === 1 ? "It gets nothing from now on." : `${values.length} get nothing from now on.`,
      onDone: () => {
        setText("");
        form.current?.reset();
      },
    });
  };
  const open = (file: File | undefined) => {
    file
      ?.text()
      .then(setText)
      .catch(() => failed("The file could not be read."));
  };
  return (
    <form className="stack" ref={form} onSubmit={submit}>
      <p className="field">
        <label htmlFor="suppress-values">Addresses, numbers or domains, one per line</label>
        <textarea
          id="suppress-values"
          rows={3}
          required
          value={text}
          aria-describedby="suppress-help"
          onChange={(event) => setText(event.target.value)}
        />
        <span className="small faint" id="suppress-help">
          ada@example.com, +49 170 1234567, or @example.com for everybody there.
        </span>
      </p>
      <div className="row-form">
        <p className="field">
          <label htmlFor="suppress-scope">In</label>
          <select id="suppress-scope" name="scope">
            {SCOPES.map((one) => (
              <option key={one.scope} value={one.scope}>
                {one.name}
              </option>
            ))}
          </select>
        </p>
        <p className="field">
          <label htmlFor="suppress-why">Why</label>
          <input id="suppress-why" name="why" maxLength={300} autoComplete="off" />
        </p>
      </div>
      <div className="acts">
        <button className="btn primary" type="submit" disabled={add.isPending || values.length === 0}>
          Suppress {values.length > 1 && values.length}
        </button>
        <label className="btn file">
          Read a file
          <input
            className="sr"
            type="file"
            accept=".csv,.txt,text/csv,text/plain"
            onChange={(event) => {
              open(event.target.files?.[0]);
              event.target.value = "";
            }}
          />
        </label>
      </div>
    </form>
  );
}

/** Store the entries, a thousand per call. Each call stores all of its entries or none. */
async function store(entries: { value: string; scope: string; why: string }[]): Promise<number> {
  let added = 0;
  for (let start = 0; start < entries.length; start += AT_A_TIME) {
    const part = entries.slice(start, start + AT_A_TIME);
    added += (await read(api.POST("/api/suppressions", { body: { entries: part } }))).added;
  }
  return added;
}
