/** The views above the list: those that everybody begins with, and those that were saved. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Field } from "../parts/Field";
import { useMay } from "../session";
import { queryOf } from "./filter";
import { type Audience, type ListSearch, searchOfView, useSavedViews, viewsQuery } from "./savedViews";
import { VIEWS } from "./views";

interface Props {
  search: ListSearch;
  change: (search: ListSearch) => void;
}

const same = (a: ListSearch, b: ListSearch) => queryOf(a) === queryOf(b) && a.columns === b.columns;

export function ViewBar({ search, change }: Props) {
  const saved = useQuery(viewsQuery).data?.items ?? [];
  const [naming, setNaming] = useState(false);
  const views = useSavedViews(change);
  const opened = saved.find((one) => one.id === search.view);
  const changed = opened !== undefined && !same(search, searchOfView(opened));
  const usual = VIEWS.some((one) => same({ ...search, sort: undefined }, one.filter));
  return (
    <div className="top view-bar">
      <nav className="views" aria-label="Views">
        {VIEWS.map((view) => (
          <Link
            key={view.name}
            to="/leads"
            search={view.filter}
            aria-current={!opened && same({ ...search, sort: undefined }, view.filter) ? "page" : undefined}
          >
            {view.name}
          </Link>
        ))}
        {saved.map((view) => (
          <Link
            key={view.id}
            to="/leads"
            search={searchOfView(view)}
            aria-current={view === opened ? "page" : undefined}
            title={
              view.sharedWith === "nobody"
                ? "Only you see this view"
                : `Shared with ${view.team ?? "everyone"}`
            }
          >
            {view.name}
            {view === opened && changed && <span className="faint">&nbsp;changed</span>}
          </Link>
        ))}
      </nav>
      <p className="end">
        {opened?.editable && changed && (
          <button className="btn small" type="button" onClick={() => views.update(opened, search)}>
            Save changes
          </button>
        )}
        {opened?.editable && !changed && (
          <button className="btn bare small" type="button" onClick={() => views.remove(opened)}>
            Delete view
          </button>
        )}
        {(changed || (!opened && !usual)) && (
          <button className="btn small" type="button" onClick={() => setNaming(true)}>
            Save as a view
          </button>
        )}
      </p>
      {naming && (
        <ViewDialog
          save={(name, sharedWith) => views.create(name, sharedWith, search)}
          onClose={() => setNaming(false)}
        />
      )}
    </div>
  );
}

interface DialogProps {
  save: (name: string, sharedWith: Audience) => void;
  onClose: () => void;
}

function ViewDialog({ save, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const mayShare = useMay()("work");
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const form = new FormData(event.currentTarget);
    save(String(form.get("view-name")), (form.get("shared") ?? "nobody") as Audience);
  };
  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="view-title">
      <h2 className="head" id="view-title">
        Save this list as a view
      </h2>
      <form method="dialog" onSubmit={submit}>
        <Field
          label="Name"
          name="view-name"
          required
          maxLength={100}
          autoComplete="off"
          help="Filter, order and columns are saved; leads come and go by themselves."
        />
        {mayShare && (
          <p className="field">
            <label htmlFor="view-shared">Who sees it</label>
            <select id="view-shared" name="shared">
              <option value="nobody">Only you</option>
              <option value="team">Your team</option>
              <option value="everyone">Everyone</option>
            </select>
          </p>
        )}
        <p className="acts">
          <button className="btn primary" type="submit">
            Save the view
          </button>
          <button className="btn" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}
