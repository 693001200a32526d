/** Where the parts of a task's life stand on one line, to scale. */

export interface Life {
  createdAt: number;
  /** When it last became ready. */
  queuedAt: number | null;
  /** While it is assigned and not started: since when. */
  assignedAt: number | null;
  dueAt: number | null;
  deadline: number | null;
  finishedAt: number | null;
  attempts: { number: number; assignedAt: number | null; startedAt: number; finishedAt: number | null }[];
}

export interface Span {
  /**
   * Held: not ready, for it waits for an instant, for other tasks or for its backoff to end. Waiting: ready, in line.
   * Lane: assigned to a worker, not started.
   */
  kind: "held" | "waiting" | "lane" | "attempt";
  /** The attempt's number, else 0. */
  number: number;
  from: number;
  to: number;
}

export interface Line {
  from: number;
  to: number;
  spans: Span[];
}

/**
 * The line runs from the submit to the end, or to now. A deadline or a due instant ahead stretches it, but to no
 * more than three times what has passed: a deadline tomorrow must not press an attempt of 2 s to nothing.
 */
export function lineOf(life: Life, now: number): Line {
  const end = Math.max(life.finishedAt ?? now, life.createdAt + 1);
  const reach = Math.max(3 * (end - life.createdAt), 2_000);
  const ahead = [life.dueAt, life.deadline].filter(
    (at): at is number => at !== null && at > end && at - life.createdAt <= reach && life.finishedAt === null,
  );
  const spans: Span[] = [];
  let at = life.createdAt;
  for (const attempt of [...life.attempts].sort((a, b) => a.startedAt - b.startedAt)) {
    pushWait(spans, life, at, attempt.startedAt, attempt.assignedAt);
    at = attempt.finishedAt ?? life.finishedAt ?? now;
    push(spans, "attempt", attempt.number, attempt.startedAt, at);
  }
  if (at < end) pushWait(spans, life, at, end, life.assignedAt);
  return { from: life.createdAt, to: Math.max(end, ...ahead), spans };
}

/**
 * Only the instant is known at which it last became ready. Before another attempt it was held, for the most part, by
 * its backoff; before the first it was in line, unless it is not ready yet.
 */
function pushWait(
  spans: Span[],
  { queuedAt, createdAt }: Life,
  from: number,
  to: number,
  assignedAt: number | null,
): void {
  const assigned = assignedAt === null ? to : Math.min(Math.max(assignedAt, from), to);
  const wasReady = queuedAt !== null && (queuedAt < from || from === createdAt);
  const isReadyHere = queuedAt !== null && queuedAt >= from && queuedAt <= to;
  const ready = Math.min(isReadyHere ? queuedAt : wasReady ? from : to, assigned);
  push(spans, "held", 0, from, ready);
  push(spans, "waiting", 0, ready, assigned);
  push(spans, "lane", 0, assigned, to);
}

function push(spans: Span[], kind: Span["kind"], number: number, from: number, to: number): void {
  if (to > from || kind === "attempt") spans.push({ kind, number, from, to: Math.max(from, to) });
}

/** When it was last put into a worker's lane; null where it was not, or was pulled after. */
export function assignedAtOf({ assignedAt, attempts }: Life): number | null {
  if (assignedAt !== null) return assignedAt;
  return attempts.toSorted((a, b) => a.number - b.number).at(-1)?.assignedAt ?? null;
}

/** 0 to 100: where an instant stands on the line; what lies outside stands at its edge. */
export function percent(line: Pick<Line, "from" | "to">, at: number): number {
  const share = (at - line.from) / (line.to - line.from);
  return 100 * Math.min(1, Math.max(0, share));
}

const ROUND_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((s) => s * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((min) => min * 60_000),
  ...[1, 2, 3, 6, 12].map((h) => h * 3_600_000),
  ...[1, 2, 7, 14, 28, 91, 182, 364, 1_820, 3_640].map((d) => d * 86_400_000),
];

/** Round lengths from the start of a line so long, at most so many, each once: 0, 500, 1,000... ms. */
export function ticks(length: number, most: number): number[] {
  const step = ROUND_MS.find((each) => length / each <= most) ?? length;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}

export interface Mark {
  words: string;
  at: number;
  kind: "past" | "now" | "due" | "deadline";
}

export interface Label {
  words: string;
  /** Pixels from the left edge of the line. */
  left: number;
  /** It ends where the line ends, however wide its letters turn out. */
  isAtEnd: boolean;
  kind: Mark["kind"];
}

const LETTER = 6.4;
const APART = 10;

/** The words of marks, where they have room: those that would cover each other are told as one, "submitted, ready". */
export function labelsOf(marks: readonly Mark[], line: Pick<Line, "from" | "to">, width: number): Label[] {
  const groups = [...marks].sort((a, b) => a.at - b.at).map((mark) => [mark]);
  for (let index = 1; index < groups.length;) {
    const [before, next] = [groups[index - 1] ?? [], groups[index] ?? []];
    const [left, right] = [labelOf(before, line, width), labelOf(next, line, width)];
    if (left.left + left.words.length * LETTER + APART <= right.left) index += 1;
    else {
      groups.splice(index - 1, 2, [...before, ...next]);
      index = Math.max(1, index - 1);
    }
  }
  return groups.map((group) => labelOf(group, line, width));
}

/** In the middle of what it tells of, within the line. */
function labelOf(group: readonly Mark[], line: Pick<Line, "from" | "to">, width: number): Label {
  const words = group.map((mark) => mark.words).join(", ");
  const places = group.map(({ at }) => (percent(line, at) / 100) * width);
  const middle = (Math.min(...places) + Math.max(...places)) / 2;
  const length = words.length * LETTER;
  const isAtEnd = middle + length / 2 >= width && length < width;
  return {
    words,
    left: isAtEnd ? width - length : Math.max(0, middle - length / 2),
    isAtEnd,
    kind: group.find(({ kind }) => kind !== "past")?.kind ?? "past",
  };
}
