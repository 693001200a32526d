/** Where the parts of a task's life stand on one line, to scale. */

export interface Life {
  createdAt: number;
  /** When it last became ready. */
  queuedAt: number | null;
  dueAt: number | null;
  deadline: number | null;
  finishedAt: number | null;
  attempts: { number: number; startedAt: number; finishedAt: number | null }[];
}

export interface Span {
  kind: "waiting" | "backoff" | "attempt";
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
    push(spans, spans.length === 0 ? "waiting" : "backoff", 0, at, attempt.startedAt);
    at = attempt.finishedAt ?? life.finishedAt ?? now;
    push(spans, "attempt", attempt.number, attempt.startedAt, at);
  }
  if (at < end) push(spans, spans.length === 0 ? "waiting" : "backoff", 0, at, end);
  return { from: life.createdAt, to: Math.max(end, ...ahead), spans };
}

function push(spans: Span[], kind: Span["kind"], number: number, from: number, to: number): void {
  if (to > from || kind === "attempt") spans.push({ kind, number, from, to: Math.max(from, to) });
}

/** 0 to 100: where an instant stands on the line; what lies outside stands at its edge. */
export function percent(line: Line, at: number): number {
  const share = (at - line.from) / (line.to - line.from);
  return 100 * Math.min(1, Math.max(0, share));
}
