/** What a campaign is: its name, what the leads get, who they are, and when. */
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { Problem } from "../api/client";
import { words } from "../format/words";
import { instantOf, wallClock } from "../format/zoned";
import { Field } from "../parts/Field";
import { sequencesQuery } from "../sequences/queries";
import { usePeople, useSession } from "../session";
import "./campaigns.css";
import type { Campaign, Draft } from "./queries";

const MODES = [
  ["broadcast", "One message to each lead"],
  ["sequence", "Each lead enters a sequence"],
  ["triggered", "Leads enter a sequence as they enter the audience"],
] as const;
const STAGES = ["cold", "warm", "hot", "qualified"];
const RISKS = ["low", "medium", "high"];
const OUTCOMES = ["open", "won", "lost", "disqualified"];
const STATUSES = ["new", "contacted", "replied", "converted", "dead"];

type Mode = Draft["mode"];

interface Props {
  /** The draft as it is stored; none for a new one. */
  campaign?: Campaign;
  action: string;
  busy: boolean;
  error: Error | null;
  save: (draft: Draft) => void;
  children?: ReactNode;
}

export function CampaignForm({ campaign, action, busy, error, save, children }: Props) {
  const { zone } = useSession().person;
  const [mode, setMode] = useState<Mode>((campaign?.mode as Mode | undefined) ?? "broadcast");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save(draftOf(new FormData(event.currentTarget), mode, zone, campaign?.window ?? null));
  };
  return (
    <form className="campaign-form" onSubmit={submit}>
      <Field
        label="Name"
        name="name"
        required
        maxLength={100}
        autoComplete="off"
        defaultValue={campaign?.name ?? ""}
        help="For people. Leads do not see it."
      />
      <fieldset className="choices">
        <legend className="head">What they get</legend>
        {MODES.map(([key, does]) => (
          <label key={key} className="check">
            <input
              type="radio"
              name="mode"
              value={key}
              checked={mode === key}
              onChange={() => setMode(key)}
            />
            {does}
          </label>
        ))}
        {mode === "broadcast" ? (
          <Message message={campaign?.message ?? null} />
        ) : (
          <SequenceChoice sequence={campaign?.sequence ?? null} />
        )}
        {mode === "triggered" && (
          <label className="check">
            <input type="checkbox" name="includePresent" defaultChecked={campaign?.includePresent} />
            Those that are in the audience at the start enter too
          </label>
        )}
      </fieldset>
      <Audience audience={campaign?.audience} />
      <fieldset className="choices">
        <legend className="head">When</legend>
        <div className="row-form">
          <MomentField label="Not before, if it has to wait" name="startsAt" at={campaign?.startsAt} />
          <MomentField label="At the latest, if it has an end" name="endsAt" at={campaign?.endsAt} />
        </div>
        <p className="small faint">
          Your time. Sequences keep to the hours of the place where each lead lives.
        </p>
        {mode === "broadcast" && (
          <div className="row-form">
            <Field
              label="From, where the lead lives"
              name="opens"
              type="time"
              defaultValue={campaign?.window?.opens ?? ""}
            />
            <Field
              label="Until"
              name="closes"
              type="time"
              defaultValue={campaign?.window?.closes ?? ""}
              help="Empty: at any time. With hours, on weekdays only."
            />
          </div>
        )}
      </fieldset>
      {error && (
        <p className="banner alarmed" role="alert">
          {error instanceof Problem ? error.sentence : "The campaign was not saved."}
        </p>
      )}
      <p className="acts publish">
        <button className="btn primary" type="submit" disabled={busy}>
          {action}
        </button>
        {children}
      </p>
    </form>
  );
}

function Message({ message }: { message: Campaign["message"] }) {
  const [channel, setChannel] = useState(message?.channel ?? "email");
  const id = useId();
  return (
    <div className="choices">
      <p className="field">
        <label htmlFor={`${id}-channel`}>Channel</label>
        <select
          id={`${id}-channel`}
          name="channel"
          value={channel}
          onChange={(event) => setChannel(event.target.value)}
        >
          <option value="email">E-mail</option>
          <option value="whatsapp">WhatsApp</option>
          <option value="linkedin">LinkedIn, as a task</option>
        </select>
      </p>
      {channel === "email" && (
        <Field
          label="Subject"
          name="subject"
          required
          maxLength={500}
          autoComplete="off"
          defaultValue={message?.subject ?? ""}
        />
      )}
      {channel === "whatsapp" && (
        <div className="row-form">
          <Field
            label="Approved template, in place of a text"
            name="template"
            maxLength={200}
            autoComplete="off"
            defaultValue={message?.template ?? ""}
          />
          <Field
            label="Its language"
            name="language"
            maxLength={20}
            autoComplete="off"
            defaultValue={message?.language ?? ""}
          />
        </div>
      )}
      <p className="field">
        <label htmlFor={`${id}-text`}>Text</label>
        <textarea
          id={`${id}-text`}
          name="text"
          rows={8}
          maxLength={50_000}
          required={channel !== "whatsapp"}
          defaultValue={message?.text ?? ""}
          aria-describedby={`${id}-help`}
        />
        <span className="small faint" id={`${id}-help`}>
          {"{{firstName|there}}"} is the first name of the lead, or “there” where it is not known.
        </span>
      </p>
    </div>
  );
}

function SequenceChoice({ sequence }: { sequence: string | null }) {
  const id = useId();
  const { data } = useQuery(sequencesQuery);
  const active = data?.items.filter((one) => one.active);
  if (active?.length === 0) return <p className="quiet">No sequence is active. Activate one first.</p>;
  return (
    <p className="field">
      <label htmlFor={id}>Sequence</label>
      <select
        id={id}
        name="sequence"
        required
        key={active ? "read" : "reading"}
        defaultValue={sequence ?? ""}
      >
        {active?.map((one) => (
          <option key={one.label} value={one.name}>
            {one.name} {one.version}
          </option>
        ))}
      </select>
    </p>
  );
}

function Audience({ audience }: { audience: Campaign["audience"] | undefined }) {
  const me = useSession().person.id;
  const { people } = usePeople();
  const owners: [string, string][] = [
    [me, "You"],
    ["none", "Nobody"],
    ...people.filter((one) => one.active && one.id !== me).map((one): [string, string] => [one.id, one.name]),
  ];
  return (
    <fieldset className="choices">
      <legend className="head">To whom</legend>
      <p className="small quiet">All that is chosen must hold, as in the list of leads.</p>
      <div className="row-form narrow">
        <Choice label="Stage" name="stage" options={named(STAGES)} value={audience?.stage} />
        <Choice label="Risk" name="risk" options={named(RISKS)} value={audience?.risk} />
        <Choice label="Outcome" name="outcome" options={named(OUTCOMES)} value={audience?.outcome} />
        <Choice label="Status" name="status" options={named(STATUSES)} value={audience?.status} />
        <Choice label="Owner" name="owner" options={owners} value={audience?.owner} />
        <Field label="Tag" name="tag" maxLength={64} autoComplete="off" defaultValue={audience?.tag ?? ""} />
        <Field
          label="Account"
          name="account"
          maxLength={255}
          autoComplete="off"
          placeholder="domain:acme.com"
          defaultValue={audience?.account ?? ""}
        />
        <Field
          label="Score from"
          name="minScore"
          type="number"
          step="any"
          defaultValue={audience?.minScore ?? ""}
        />
      </div>
    </fieldset>
  );
}

const named = (names: string[]) => names.map((one): [string, string] => [one, words(one)]);

interface ChoiceProps {
  label: string;
  name: string;
  options: [string, string][];
  value: string | null | undefined;
}

function Choice({ label, name, options, value }: ChoiceProps) {
  const id = `audience-${name}`;
  const others = value && !options.some(([key]) => key === value) ? [[value, value] as const] : [];
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} defaultValue={value ?? ""}>
        <option value="">Any</option>
        {[...options, ...others].map(([key, said]) => (
          <option key={key} value={key}>
            {said}
          </option>
        ))}
      </select>
    </p>
  );
}

function MomentField({ label, name, at }: { label: string; name: string; at: string | null | undefined }) {
  const { zone } = useSession().person;
  return (
    <Field
      label={label}
      name={name}
      type="datetime-local"
      defaultValue={at ? wallClock(new Date(at), zone) : ""}
    />
  );
}

/** The window with these hours; days, holidays and zone are those of before, or weekdays by the zone of the person. */
function windowOf(
  opens: string | null,
  closes: string | null,
  zone: string,
  before: Campaign["window"],
): Draft["window"] {
  if (!opens && !closes) return null;
  const kept = before ?? { days: ["mon", "tue", "wed", "thu", "fri"], holidays: null, timezone: zone };
  return { ...kept, opens: opens ?? "00:00", closes: closes ?? "24:00" } as Draft["window"];
}

/** The draft that the fields say. Empty fields filter nothing. */
function draftOf(form: FormData, mode: Mode, zone: string, before: Campaign["window"]): Draft {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const chosen = (name: string) => text(name) || null;
  const moment = (name: string) => {
    const [day, time] = text(name).split("T");
    return day && time ? instantOf(day, time.slice(0, 5), zone).toISOString() : null;
  };
  const isBroadcast = mode === "broadcast";
  return {
    name: text("name"),
    mode,
    audience: {
      stage: chosen("stage"),
      risk: chosen("risk"),
      outcome: chosen("outcome"),
      status: chosen("status"),
      owner: chosen("owner"),
      tag: chosen("tag"),
      account: chosen("account"),
      minScore: text("minScore") === "" ? null : Number(text("minScore")),
    },
    message: isBroadcast
      ? {
          channel: text("channel"),
          subject: text("subject"),
          text: text("text"),
          template: text("template"),
          language: text("language"),
        }
      : null,
    sequence: isBroadcast ? null : chosen("sequence"),
    window: isBroadcast ? windowOf(chosen("opens"), chosen("closes"), zone, before) : null,
    includePresent: mode === "triggered" && form.get("includePresent") !== null,
    startsAt: moment("startsAt"),
    endsAt: moment("endsAt"),
  };
}
