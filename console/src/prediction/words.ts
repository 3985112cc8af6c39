/** Probabilities and what makes them, in numbers that add up. */
import type { Schemas } from "../api/client";
import { apportion } from "../format/numbers";

export type Prediction = Schemas["PredictionView"];
export type Part = Prediction["parts"][number];

const SMALL = 0.1;

/** A share in whole per cent; what is neither none nor all is not rounded to either. */
export function percent(share: number): string {
  const number = share * 100;
  if (number > 0 && number < 1) return "under 1 %";
  if (number > 99 && number < 100) return "over 99 %";
  return `${Math.round(number)} %`;
}

/** `9 to 21 %`. */
export function between([low, high]: readonly number[]): string {
  return `${Math.round((low ?? 0) * 100)} to ${percent(high ?? 1)}`;
}

/** `won` as what a lead is likely to do. */
export function likelyTo(outcome: string): string {
  return outcome === "won" ? "buy" : `be ${outcome}`;
}

export interface Line {
  words: string;
  /** Hundredths of log-odds; the lines add up to the total. */
  logOdds: number;
  /** The factor on the odds. */
  odds: number;
}

/** The average lead, every part that counts, and the small ones together: their log-odds add up to those of the probability. */
export function linesOf({ base, parts }: Prediction): { lines: Line[]; total: number } {
  const large = parts.filter((part) => Math.abs(part.logOdds) >= SMALL);
  const small = parts.filter((part) => Math.abs(part.logOdds) < SMALL);
  const rest = small.reduce((sum, part) => sum + part.logOdds, 0);
  const found = [
    { words: "The average lead", value: base },
    ...large.map((part) => ({ words: part.words, value: part.logOdds })),
    ...(small.length > 0
      ? [
          {
            words: small.length === 1 ? "A smaller reason" : `${small.length} smaller reasons together`,
            value: rest,
          },
        ]
      : []),
  ];
  const units = apportion(
    found.map((one) => one.value),
    2,
  );
  return {
    lines: found.map((one, index) => ({
      words: one.words,
      logOdds: units[index] ?? 0,
      odds: Math.exp(one.value),
    })),
    total: units.reduce((sum, unit) => sum + unit, 0),
  };
}
