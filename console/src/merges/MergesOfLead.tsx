/** What a lead consists of: the ids that were merged into it, each with its undoing; and merging it with another one. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { api, Problem, read } from "../api/client";
import { currentTime } from "../clock";
import { moment } from "../format/time";
import "../parts/administration.css";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { failed } from "../parts/notices";
import { useMay, useNameOf, useSession } from "../session";
import { MergeDialog } from "./MergeDialog";
import { type Merge, standingMerges } from "./merges";
import { useUnmerge } from "./useMerge";

export function MergesOfLead({ leadId }: { leadId: string }) {
  const may = useMay();
  const title = useId();
  const merges = useMerges(leadId);
  const [undoing, setUndoing] = useState<Merge | null>(null);
  if (merges.length === 0 && !may("work")) return null;
  return (
    <section aria-labelledby={title}>
      <h2 className={merges.length > 0 ? "head" : "sr"} id={title}>
        One lead with
      </h2>
      <ul className="entries">
        {merges.map((one) => (
          <Merged key={one.stream} merge={one} undo={may("work") ? () => setUndoing(one) : null} />
        ))}
      </ul>
      {may("work") && <MergeButton leadId={leadId} />}
      {undoing && <UndoDialog merge={undoing} leadId={leadId} onClose={() => setUndoing(null)} />}
    </section>
  );
}

function useMerges(leadId: string): Merge[] {
  const { data } = useQuery({
    queryKey: ["lead", leadId, "merges"],
    queryFn: () =>
      read(
        api.GET("/api/leads/{lead_id}/timeline", {
          params: { path: { lead_id: leadId }, query: { kind: "merge", limit: 200 } },
        }),
      ),
  });
  return data ? standingMerges(data.items) : [];
}

function Merged({ merge, undo }: { merge: Merge; undo: (() => void) | null }) {
  const { zone } = useSession().person;
  const nameOf = useNameOf();
  return (
    <li>
      <span className="strong">{merge.stream}</span>
      <span className="quiet">{merge.why}</span>
      <span className="small faint">
        {moment(new Date(merge.at), zone, currentTime())}, by {inWords(merge.by, nameOf)}
      </span>
      {undo && (
        <p>
          <button className="btn small" type="button" onClick={undo}>
            Undo the merge<span className="sr"> with {merge.stream}</span>
          </button>
        </p>
      )}
    </li>
  );
}

function inWords(by: string, nameOf: (id: string) => string): string {
  if (by === "engine") return "the engine itself";
  return by.startsWith("key_") ? "an API key" : nameOf(by).replace(/^You$/, "you");
}

function UndoDialog({ merge, leadId, onClose }: { merge: Merge; leadId: string; onClose: () => void }) {
  const unmerge = useUnmerge();
  return (
    <Dialog
      title={`Are ${merge.stream} and ${leadId} two people?`}
      action="Undo the merge"
      busy={unmerge.isPending}
      onSubmit={(form) =>
        unmerge.mutate({ leadId: merge.stream, why: String(form.get("why")).trim() }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      <p className="quiet">Both score again as if they had never been one. The history tells it.</p>
      <Field label="Why they are two" name="why" required maxLength={500} autoComplete="off" />
    </Dialog>
  );
}

/** Asks for the other lead by id, e-mail address or telephone number, then which of the two survives. */
function MergeButton({ leadId }: { leadId: string }) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [other, setOther] = useState<string | null>(null);
  const find = async (form: FormData) => {
    const found = await leadOf(String(form.get("other")).trim());
    if (found === null) failed("No lead has this id, address or number.");
    else if (found === leadId) failed("That is this lead.");
    else {
      setAsking(false);
      setOther(found);
    }
  };
  return (
    <>
      <button className="btn small" type="button" onClick={() => setAsking(true)}>
        Merge with another lead
      </button>
      {asking && (
        <Dialog
          title={`Merge ${leadId}`}
          action="Go on"
          onSubmit={(form) => void find(form)}
          onClose={() => setAsking(false)}
        >
          <Field
            label="The other lead"
            name="other"
            required
            maxLength={300}
            autoComplete="off"
            help="Its id, an e-mail address, or a telephone number with +."
          />
        </Dialog>
      )}
      {other !== null && (
        <MergeDialog
          leadIds={[leadId, other]}
          onMerged={(merged) =>
            void navigate({ to: "/leads/$leadId", params: { leadId: merged.leadId }, replace: true })
          }
          onClose={() => setOther(null)}
        />
      )}
    </>
  );
}

/** The lead of an id, an e-mail address or a telephone number; null if there is none. */
async function leadOf(said: string): Promise<string | null> {
  const query = said.includes("@") ? { email: said } : said.startsWith("+") ? { phone: said } : null;
  try {
    if (query) return (await read(api.GET("/api/leads", { params: { query } }))).items[0]?.leadId ?? null;
    return (await read(api.GET("/api/leads/{lead_id}", { params: { path: { lead_id: said } } }))).leadId;
  } catch (error) {
    if (error instanceof Problem && error.status < 500) return null;
    throw error;
  }
}
