/** Lines over time from a history and the ticks after it. */
import { trailingRates } from "@/lib/scale";

export interface Line {
  name: string;
  hue: string;
  values: (number | null)[];
}

export interface Series {
  /** Seconds since the epoch, rising. */
  at: number[];
  lines: Line[];
}

interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface Point {
  at: string;
  seconds: number;
  submitted: number;
  finished: number;
  failed: number;
  waitSeconds: Percentiles;
  runSeconds: Percentiles;
}

export interface Tick {
  at: string;
  submittedPerSecond: number;
  finishedPerSecond: number;
  failedPerSecond: number;
  waitSeconds: Percentiles;
  runSeconds: Percentiles;
}

export const RANGES = [
  { name: "5 min", key: "5m", seconds: 300 },
  { name: "1 h", key: "1h", seconds: 3_600 },
  { name: "24 h", key: "24h", seconds: 86_400 },
] as const;
/** What "per second" is a mean over, here and in the live figures. */
export const WINDOW_S = 60;

export const RATES = [
  { name: "Submitted", hue: "waiting", amount: "submitted", perSecond: "submittedPerSecond" },
  { name: "Finished", hue: "good", amount: "finished", perSecond: "finishedPerSecond" },
  { name: "Failed", hue: "bad", amount: "failed", perSecond: "failedPerSecond" },
] as const;

const SHARES = [
  { name: "p50", hue: "waiting" },
  { name: "p95", hue: "working" },
  { name: "p99", hue: "bad" },
] as const;

/** Tasks per second, each a mean over the last minute. */
export function rates(points: readonly Point[], ticks: readonly Tick[]): Series {
  const later = after(points, ticks);
  return {
    at: instants(points, later),
    lines: RATES.map(({ name, hue, amount, perSecond }) => ({
      name,
      hue,
      values: [
        ...trailingRates(
          points.map((point) => ({ seconds: point.seconds, amount: point[amount] })),
          WINDOW_S,
        ),
        ...later.map((tick) => tick[perSecond]),
      ],
    })),
  };
}

/** Half, 95 and 99 of 100 took at most so many seconds; null where for a minute nothing did. */
export function percentiles(
  points: readonly Point[],
  ticks: readonly Tick[],
  of: "waitSeconds" | "runSeconds",
): Series {
  const later = after(points, ticks);
  const at = instants(points, later);
  return {
    at,
    lines: SHARES.map(({ name, hue }) => ({
      name,
      hue,
      values: held(
        at,
        [...points, ...later].map((each) => each[of][name]),
      ),
    })),
  };
}

/** A value holds for the minute that a live figure is of; what comes later stands apart from it. */
function held(at: readonly number[], values: readonly (number | null)[]): (number | null)[] {
  let last: number | null = null;
  let since = -Infinity;
  return values.map((value, index) => {
    const now = at[index] ?? 0;
    if (value !== null) [last, since] = [value, now];
    return now - since < WINDOW_S ? last : null;
  });
}

/** Where a value stands alone, without a line to either side. */
export function lonely(values: readonly (number | null | undefined)[]): number[] {
  return values.flatMap((value, index) =>
    value != null && values[index - 1] == null && values[index + 1] == null ? [index] : [],
  );
}

/** Ticks that tell what the history does not have yet. */
function after(points: readonly Point[], ticks: readonly Tick[]): Tick[] {
  const last = points.at(-1);
  const since = last === undefined ? 0 : Date.parse(last.at) + (last.seconds - 1) * 1_000;
  return ticks.filter(({ at }) => Date.parse(at) > since);
}

function instants(points: readonly Point[], ticks: readonly Tick[]): number[] {
  return [...points, ...ticks].map(({ at }) => Date.parse(at) / 1_000);
}

/** What a line says at an index, or at its end. */
export function valueAt(values: readonly (number | null)[], index: number): number | null {
  return values[Math.min(index, values.length - 1)] ?? null;
}
