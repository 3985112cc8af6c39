/** The geometry of the score curve, pure: moments and scores in, coordinates and crossings out. */

export interface Point {
  at: number;
  score: number;
  stage: string;
}

export interface Line {
  stage: string;
  score: number;
}

export interface Scale {
  x: (at: number) => number;
  y: (score: number) => number;
}

/** Scales of a drawing; the highest line of a stage is always inside. */
export function scaleOf(
  points: readonly Point[],
  lines: readonly Line[],
  [from, to]: [number, number],
  { width, height }: { width: number; height: number },
): Scale {
  const scores = [...points.map((point) => point.score), ...lines.map((line) => line.score), 0];
  const low = Math.min(...scores);
  const high = Math.max(...scores, low + 1) * 1.08;
  const span = Math.max(1, to - from);
  return {
    x: (at) => ((at - from) / span) * width,
    y: (score) => height - ((score - low) / (high - low)) * height,
  };
}

/** Points up to a moment and from it on; the one at the moment itself belongs to both, so that the lines meet. */
export function split(points: readonly Point[], now: Point): { past: Point[]; future: Point[] } {
  return {
    past: [...points.filter((point) => point.at < now.at), now],
    future: [now, ...points.filter((point) => point.at > now.at)],
  };
}

/** The path of SVG through the points. */
export function pathOf(points: readonly Point[], { x, y }: Scale): string {
  return points
    .map((point, index) => `${index === 0 ? "M" : "L"}${x(point.at).toFixed(1)} ${y(point.score).toFixed(1)}`)
    .join("");
}

/** The points at which another stage begins. */
export function changes(points: readonly Point[]): Point[] {
  return points.filter((point, index) => index > 0 && points[index - 1]?.stage !== point.stage);
}

/** Beginnings of days in UTC for an axis, so many that labels keep their distance. */
export function ticks([from, to]: [number, number], most: number): number[] {
  const days = (to - from) / 86_400_000;
  const step = [1, 2, 7, 14, 28, 91, 182, 364].find((one) => days / one <= most) ?? 728;
  const first = Math.ceil(from / 86_400_000);
  const found: number[] = [];
  for (let at = first; at * 86_400_000 <= to; at += step) found.push(at * 86_400_000);
  return found;
}
