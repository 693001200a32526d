/** The columns of the priority chart: their parts, how tall they are, and where they lead. */
import { height } from "@/lib/scale";

export interface Depth {
  priority: number;
  depth: number;
  fresh: number;
  waiting: number;
  atRisk: number;
  oldestReadyAt: string | null;
  isExact: boolean;
}

/** From the ground up. */
export const PARTS = [
  { part: "atRisk", words: "at risk", title: "Should end after their deadline" },
  { part: "waiting", words: "waiting", title: "Ready for a minute or longer" },
  { part: "fresh", words: "fresh", title: "Ready for less than a minute" },
] as const;

const LEAST = 3;

/** The parts of one column of a chart 100 high; some task is always seen, and its parts keep their shares on a log scale, too. */
export function layers(depth: Depth, most: number, isLog: boolean) {
  if (depth.depth === 0) return [];
  const whole = Math.max(100 * height(depth.depth, most, isLog), LEAST);
  let top = 100;
  return PARTS.filter(({ part }) => depth[part] > 0).map(({ part }) => {
    const tall = (whole * depth[part]) / depth.depth;
    top -= tall;
    return { part, y: top, tall };
  });
}

/** The list of exactly those tasks, what goes first on top. */
export function addressOf(priority: number, queue: string): string {
  const params = new URLSearchParams({
    status: "queued,assigned",
    priority: String(priority),
    order: "next_to_run",
  });
  if (queue !== "") params.set("queue", queue);
  return `/tasks?${params.toString()}`;
}
