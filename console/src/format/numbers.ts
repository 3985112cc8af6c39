/** Numbers as people read them: a true minus sign, fixed decimals, and parts that add up to their total. */

const MINUS = "\u2212";

export function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `${MINUS}${text}` : text;
}

export function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/**
 * Each value in whole units of 10^-digits, so that their sum is the rounded total (method of largest remainders).
 */
export function apportion(values: readonly number[], digits: number): number[] {
  const scale = 10 ** digits;
  const exact = values.map((value) => value * scale);
  const units = exact.map(Math.floor);
  const total = Math.round(exact.reduce((sum, value) => sum + value, 0));
  const missing = total - units.reduce((sum, unit) => sum + unit, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, Math.max(0, missing))) units[index] = (units[index] ?? 0) + 1;
  return units;
}

export interface LedgerRow {
  given: number;
  faded: number;
  limits: number;
  points: number;
}

/**
 * Lines of an explanation in hundredths of a point: `given + faded + limits = points` in each of them, and the points
 * of all add up to the rounded score. What limits and weights take is the rest, so a rule without any has none.
 */
export function ledger(reasons: readonly { rawPoints: number; faded: number; points: number }[]): {
  rows: LedgerRow[];
  total: LedgerRow;
} {
  const points = apportion(
    reasons.map((one) => one.points),
    2,
  );
  const rows = reasons.map((reason, index) => {
    const given = Math.round(reason.rawPoints * 100);
    const sum = points[index] ?? 0;
    const rest = reason.points - reason.rawPoints - reason.faded;
    if (Math.abs(rest) < 0.01) return { given, faded: sum - given, limits: 0, points: sum };
    const faded = Math.round(reason.faded * 100);
    return { given, faded, limits: sum - given - faded, points: sum };
  });
  const add = (of: (row: LedgerRow) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  return {
    rows,
    total: {
      given: add((row) => row.given),
      faded: add((row) => row.faded),
      limits: add((row) => row.limits),
      points: add((row) => row.points),
    },
  };
}
