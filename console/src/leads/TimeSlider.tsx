import { useEffect, useState } from "react";
import { moment } from "../format/time";
import { useSession } from "../session";

const STEPS = 1000;
const PAUSE_MS = 200;

interface Props {
  range: [number, number];
  /** The first event: before it there is nothing to look at. */
  first: number;
  now: number;
  at: Date | null;
  known: boolean;
  change: (at: Date | null, known: boolean) => void;
}

/** The moment that is looked at, under the curve and as wide, and which past: as it happened, or as it was known. */
export function TimeSlider({ range: [from, to], first, now, at, known, change }: Props) {
  const { zone } = useSession().person;
  const stepOf = (moment: number) => Math.round(((moment - from) / Math.max(1, to - from)) * STEPS);
  const present = stepOf(now);
  const given = at ? stepOf(at.getTime()) : present;
  const [step, setStep] = useState(given);
  const dateOf = (value: number) =>
    value === present ? null : new Date(Math.max(first, from + ((to - from) * value) / STEPS));
  const shown = step === given ? at : dateOf(step);
  useEffect(() => setStep(given), [given]);
  useEffect(() => {
    if (step === given) return;
    const timer = setTimeout(() => change(dateOf(step), known), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  const text = moment(shown ?? new Date(now), zone, new Date(now));
  const when = shown === null ? "now" : shown.getTime() > now ? "to come, if nothing happens" : "";
  return (
    <div className="slider">
      <label className="sr" htmlFor="moment">
        Look at the lead as of
      </label>
      <input
        id="moment"
        type="range"
        min="0"
        max={STEPS}
        value={step}
        aria-valuetext={`${text} ${when}`}
        onChange={(event) => setStep(Number(event.target.value))}
      />
      <div className="said">
        <p className="small">
          <span className="strong">{text}</span> <span className="faint">{when}</span>
        </p>
        <fieldset className="pick">
          <legend className="sr">Which past</legend>
          <button type="button" aria-pressed={!known} onClick={() => change(shown, false)}>
            As it happened
          </button>
          <button type="button" aria-pressed={known} disabled={!shown} onClick={() => change(shown, true)}>
            As we knew it
          </button>
        </fieldset>
        {shown && (
          <button className="btn bare" type="button" onClick={() => change(null, false)}>
            Back to now
          </button>
        )}
      </div>
    </div>
  );
}
