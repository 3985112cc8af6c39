/** The form of one pool: its members with share, limit and working hours, and what happens when nobody is present. */
import { usePeople } from "../session";
import { DAYS, dayName, type Hours, type Member, newMember, OFFICE, type Pool } from "./rules";

interface Props {
  pool: Pool;
  at: number;
  zone: string;
  change: (pool: Pool) => void;
  remove: (() => void) | null;
}

export function PoolFields({ pool, at, zone, change, remove }: Props) {
  const { people } = usePeople();
  const reps = people.filter((one) => one.active && one.role !== "viewer");
  const free = reps.filter((one) => pool.members.every((member) => member.rep !== one.id));
  const set = (index: number, next: Partial<Member>) =>
    change({ ...pool, members: pool.members.map((one, n) => (n === index ? { ...one, ...next } : one)) });
  const id = `pool-${at}`;
  return (
    <fieldset className="pool">
      <legend className="sr">Pool {pool.id}</legend>
      <div className="row-form">
        <p className="field">
          <label htmlFor={`${id}-id`}>Name of pool {at + 1}</label>
          <input
            id={`${id}-id`}
            value={pool.id}
            maxLength={64}
            autoComplete="off"
            onChange={(event) => change({ ...pool, id: event.target.value })}
          />
        </p>
        {remove && (
          <button className="btn small" type="button" onClick={remove}>
            Remove<span className="sr"> pool {pool.id}</span>
          </button>
        )}
      </div>
      <ul className="entries">
        {pool.members.map((member, index) => (
          <MemberFields
            key={member.rep}
            id={`${id}-${index}`}
            member={member}
            zone={zone}
            change={(next) => set(index, next)}
            remove={() => change({ ...pool, members: pool.members.filter((_, n) => n !== index) })}
          />
        ))}
      </ul>
      <div className="row-form">
        <Choose
          label={`Add to pool ${at + 1}`}
          id={`${id}-add`}
          none="Choose a person"
          value=""
          people={free}
          choose={(rep) => rep && change({ ...pool, members: [...pool.members, newMember(rep)] })}
        />
        <Choose
          label="With nobody present, leads go to"
          id={`${id}-fallback`}
          none="nobody: they wait"
          value={pool.fallback ?? ""}
          people={reps}
          choose={(rep) => change({ ...pool, fallback: rep || null })}
        />
        {pool.fallback && (
          <NumberField
            label="after minutes"
            id={`${id}-after`}
            value={pool.fallbackAfterMinutes}
            change={(minutes) => change({ ...pool, fallbackAfterMinutes: minutes ?? 60 })}
          />
        )}
      </div>
      <div className="row-form">
        <NumberField
          label="Minutes to the first contact"
          id={`${id}-touch`}
          value={pool.firstTouchMinutes}
          none="not watched"
          change={(minutes) => change({ ...pool, firstTouchMinutes: minutes })}
        />
        {pool.firstTouchMinutes !== null && (
          <p className="field">
            <label htmlFor={`${id}-missed`}>After that</label>
            <select
              id={`${id}-missed`}
              value={pool.whenMissed}
              onChange={(event) => change({ ...pool, whenMissed: event.target.value as Pool["whenMissed"] })}
            >
              <option value="escalate">say so by an event</option>
              <option value="reassign">give it to somebody else</option>
            </select>
          </p>
        )}
      </div>
    </fieldset>
  );
}

interface MemberProps {
  id: string;
  member: Member;
  zone: string;
  change: (next: Partial<Member>) => void;
  remove: () => void;
}

function MemberFields({ id, member, zone, change, remove }: MemberProps) {
  const { people } = usePeople();
  const name = people.find((one) => one.id === member.rep)?.name ?? member.rep;
  return (
    <li>
      <fieldset>
        <legend className="strong">{name}</legend>
        <div className="row-form narrow">
          <NumberField
            label="Weight"
            id={`${id}-weight`}
            value={member.weight}
            none="1"
            change={(weight) => change({ weight: weight ?? 1 })}
          />
          <NumberField
            label="Most open leads"
            id={`${id}-capacity`}
            value={member.capacity}
            none="no limit"
            change={(capacity) => change({ capacity })}
          />
          <label className="check">
            <input
              type="checkbox"
              checked={member.hours !== null}
              onChange={(event) => change({ hours: event.target.checked ? { ...OFFICE, zone } : null })}
            />
            Only at working hours
          </label>
          <button className="btn small" type="button" onClick={remove}>
            Remove<span className="sr"> {name}</span>
          </button>
        </div>
        {member.hours && <HoursFields id={id} hours={member.hours} change={(hours) => change({ hours })} />}
      </fieldset>
    </li>
  );
}

const ZONES = Intl.supportedValuesOf("timeZone");

function HoursFields({ id, hours, change }: { id: string; hours: Hours; change: (hours: Hours) => void }) {
  const toggle = (day: Hours["days"][number], on: boolean) =>
    change({ ...hours, days: DAYS.filter((one) => (one === day ? on : hours.days.includes(one))) });
  return (
    <>
      <fieldset className="checks">
        <legend>Days</legend>
        {DAYS.map((day) => (
          <label key={day} className="check">
            <input
              type="checkbox"
              checked={hours.days.includes(day)}
              onChange={(event) => toggle(day, event.target.checked)}
            />
            {dayName(day)}
          </label>
        ))}
      </fieldset>
      <div className="row-form narrow">
        <p className="field">
          <label htmlFor={`${id}-opens`}>From</label>
          <input
            id={`${id}-opens`}
            type="time"
            value={hours.opens}
            onChange={(event) => change({ ...hours, opens: event.target.value })}
          />
        </p>
        <p className="field">
          <label htmlFor={`${id}-closes`}>To</label>
          <input
            id={`${id}-closes`}
            type={hours.closes === "24:00" ? "text" : "time"}
            value={hours.closes}
            onChange={(event) => change({ ...hours, closes: event.target.value })}
          />
        </p>
        <p className="field">
          <label htmlFor={`${id}-zone`}>Time zone</label>
          <select
            id={`${id}-zone`}
            value={hours.zone}
            onChange={(event) => change({ ...hours, zone: event.target.value })}
          >
            {!ZONES.includes(hours.zone) && <option>{hours.zone}</option>}
            {ZONES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </p>
        <p className="field">
          <label htmlFor={`${id}-holidays`}>Days off, comma separated</label>
          <input
            id={`${id}-holidays`}
            placeholder="2026-12-25"
            autoComplete="off"
            defaultValue={hours.holidays.join(", ")}
            onChange={(event) =>
              change({ ...hours, holidays: event.target.value.split(/[\s,]+/).filter(Boolean) })
            }
          />
        </p>
      </div>
    </>
  );
}

interface ChooseProps {
  label: string;
  id: string;
  none: string;
  value: string;
  people: { id: string; name: string }[];
  choose: (id: string) => void;
}

function Choose({ label, id, none, value, people, choose }: ChooseProps) {
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => choose(event.target.value)}>
        <option value="">{none}</option>
        {value !== "" && !people.some((one) => one.id === value) && <option value={value}>{value}</option>}
        {people.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </p>
  );
}

interface NumberProps {
  label: string;
  id: string;
  value: number | null;
  none?: string;
  change: (value: number | null) => void;
}

function NumberField({ label, id, value, none, change }: NumberProps) {
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="number"
        min={0}
        step="any"
        inputMode="decimal"
        placeholder={none}
        defaultValue={value ?? ""}
        onChange={(event) => change(event.target.value === "" ? null : Number(event.target.value))}
      />
    </p>
  );
}
