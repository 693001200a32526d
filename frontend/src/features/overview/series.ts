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

/** Half, 95 and 99 of 100 took at most so many seconds. */
export function percentiles(
  points: readonly Point[],
  ticks: readonly Tick[],
  of: "waitSeconds" | "runSeconds",
): Series {
  const later = after(points, ticks);
  return {
    at: instants(points, later),
    lines: SHARES.map(({ name, hue }) => ({
      name,
      hue,
      values: [...points, ...later].map((each) => each[of][name]),
    })),
  };
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

/** The last value that a line has up to an index: a line without news keeps what it said. */
export function valueAt(values: readonly (number | null)[], index: number): number | null {
  for (let at = Math.min(index, values.length - 1); at >= 0; at--) {
    const value = values[at];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
