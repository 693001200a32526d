/** The lines of a task's log: gathered once each, narrowed, cut into blocks, written out. */

export const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;
export type Level = (typeof LEVELS)[number];

export interface Line {
  /** The attempt that said it. */
  number: number;
  at: string;
  level: Level;
  message: string;
  isLate: boolean;
}

export interface Told {
  lines: readonly Line[];
  /** Where to go on; null before the first line. */
  cursor: string | null;
  /** How many were too many for the server to keep. */
  leftOut: number;
}

export const NOTHING_TOLD: Told = { lines: [], cursor: null, leftOut: 0 };

/** What was told, and what comes after it. */
export function withMore(told: Told, more: Told): Told {
  return {
    lines: more.lines.length === 0 ? told.lines : [...told.lines, ...more.lines],
    cursor: more.cursor ?? told.cursor,
    leftOut: Math.max(told.leftOut, more.leftOut),
  };
}

export interface Wanted {
  /** This grave and graver. */
  level: Level;
  /** Of this attempt; null for all. */
  number: number | null;
}

export function narrowed(lines: readonly Line[], { level, number }: Wanted): readonly Line[] {
  if (level === "DEBUG" && number === null) return lines;
  const least = LEVELS.indexOf(level);
  return lines.filter(
    (line) => LEVELS.indexOf(line.level) >= least && (number === null || line.number === number),
  );
}

/** How many lines are this grave or graver, for each level. */
export function amounts(lines: readonly Line[]): Record<Level, number> {
  const found: Record<Level, number> = { DEBUG: 0, INFO: 0, WARNING: 0, ERROR: 0 };
  for (const { level } of lines) found[level] += 1;
  found.WARNING += found.ERROR;
  found.INFO += found.WARNING;
  found.DEBUG += found.INFO;
  return found;
}

export function attemptsIn(lines: readonly Line[]): number[] {
  return [...new Set(lines.map(({ number }) => number))].sort((a, b) => a - b);
}

/** Of so many lines that the browser draws a block at once, and no more than a few of them. */
export const BLOCK = 100;

export interface Block {
  from: number;
  to: number;
}

export function blocksOf(amount: number): Block[] {
  return Array.from({ length: Math.ceil(amount / BLOCK) }, (_, index) => ({
    from: index * BLOCK,
    to: Math.min(amount, (index + 1) * BLOCK),
  }));
}

/** "14:05:09.123", in the reader's own zone. */
export function clockOf(at: string): string {
  const date = new Date(at);
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** To paste elsewhere: a line each, with the instant in UTC. */
export function textOf(lines: readonly Line[]): string {
  return lines
    .map(({ at, level, number, message }) => `${at}  ${level.padEnd(7)}  #${number}  ${message}\n`)
    .join("");
}
