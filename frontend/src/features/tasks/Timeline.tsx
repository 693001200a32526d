/** A task's life on one line, to scale: waits, attempts in the colour of their outcome with their workers, deadline, now. */
import type { TaskStatus } from "@/graphql/graphql";
import { graphql, readFragment, type FragmentOf, type ResultOf } from "@/graphql/graphql";
import { useNow } from "@/lib/now";
import { duration, exact } from "@/lib/time";
import {
  assignedAtOf,
  labelsOf,
  lineOf,
  percent,
  ticks,
  type Life,
  type Line,
  type Mark,
  type Span,
} from "@/lib/timeline";
import { useWidth } from "@/ui/width";
import { OUTCOME, STATUS } from "./looks";
import "./timeline.css";

export const Timeline_task = graphql(`
  fragment Timeline_task on Task {
    id
    status
    createdAt
    queuedAt
    assignedAt
    dueAt
    deadline
    finishedAt
    attempts {
      id
      number
      outcome
      assignedAt
      startedAt
      finishedAt
      worker {
        id
        name
      }
    }
  }
`);

type Drawn = ResultOf<typeof Timeline_task>;
type Attempts = Drawn["attempts"];
const TICK_ROOM = 72;
const WAITS = { waiting: "In line", lane: "In a worker’s lane", held: "Held back" };

export function Timeline({ task: data }: { task: FragmentOf<typeof Timeline_task> }) {
  const task = readFragment(Timeline_task, data);
  const { ref, width } = useWidth<HTMLDivElement>();
  const now = useNow();
  const life = lifeOf(task);
  const present = Math.max(now, life.createdAt);
  const line = lineOf(life, present);
  const marks = marksOf(life, task.status, present).filter(({ at }) => at <= line.to);
  return (
    <figure className="timeline">
      <div ref={ref} className="timeline-words" aria-hidden>
        {labelsOf(marks, line, width).map(({ words, left, isAtEnd, kind }) => (
          <span
            key={words}
            className={`timeline-word timeline-word-${kind}`}
            style={isAtEnd ? { right: 0 } : { left }}
          >
            {words}
          </span>
        ))}
      </div>
      <div className="timeline-line" role="img" aria-label={inWords(line, task)}>
        {line.spans.map((span, index) => (
          <Bar key={index} span={span} line={line} attempts={task.attempts} />
        ))}
        {marks.map(({ words, at, kind }) => (
          <span
            key={words}
            className={`timeline-flag timeline-flag-${kind}`}
            style={{ left: `${percent(line, at)}%` }}
            title={`${words}: ${exact(at)}`}
          />
        ))}
      </div>
      <Axis length={line.to - line.from} width={width} />
      <figcaption className="timeline-legend">
        <Key look="timeline-waiting" words="In line" of={lengthOf(line, "waiting")} />
        <Key look="timeline-lane" words="In a worker’s lane" of={lengthOf(line, "lane")} />
        <Key
          look="timeline-held"
          words={task.attempts.length > 0 ? "Held back, or between attempts" : "Held back"}
          of={lengthOf(line, "held")}
        />
        {task.attempts.length > 0 && (
          <Key
            look={`timeline-ran hue-${newestOf(task.attempts).hue}`}
            words={`Ran${times(task.attempts.length)}${workersOf(task.attempts)}`}
            of={lengthOf(line, "attempt")}
            isAlways
          />
        )}
      </figcaption>
    </figure>
  );
}

function Bar({ span, line, attempts }: { span: Span; line: Line; attempts: Attempts }) {
  const left = percent(line, span.from);
  // The shortest attempt is still seen, also at the very end.
  const style = { left: `min(${left}%, 100% - 3px)`, width: `${percent(line, span.to) - left}%` };
  const attempt = attempts.find(({ number }) => number === span.number);
  if (span.kind !== "attempt" || attempt === undefined)
    return (
      <span
        className={`timeline-bar timeline-${span.kind}`}
        style={style}
        title={`${WAITS[span.kind as keyof typeof WAITS]}: ${duration(span.to - span.from)}`}
      />
    );
  const { word, hue } = OUTCOME[attempt.outcome];
  const by = attempt.worker ? ` by ${attempt.worker.name}` : "";
  return (
    <span
      className={`timeline-bar timeline-attempt hue-${hue}`}
      style={style}
      title={`Attempt ${attempt.number}: ${word}, ${duration(span.to - span.from)}${by}\nfrom ${exact(span.from)}`}
    >
      <span className="timeline-attempt-words">
        {attempt.number}
        {attempt.worker && <span className="timeline-worker"> {attempt.worker.name}</span>}
      </span>
    </span>
  );
}

/** What has passed since the submit, at round lengths. */
function Axis({ length, width }: { length: number; width: number }) {
  return (
    <div className="timeline-axis figures" aria-hidden>
      {ticks(length, Math.max(1, Math.floor(width / TICK_ROOM))).map((at) => {
        const left = (100 * at) / length;
        const edge = at === 0 ? " timeline-tick-first" : left > 96 ? " timeline-tick-last" : "";
        return (
          <span key={at} className={`timeline-tick${edge}`} style={{ left: `${left}%` }}>
            {at === 0 ? "0" : duration(at)}
          </span>
        );
      })}
    </div>
  );
}

function Key({
  look,
  words,
  of,
  isAlways = false,
}: {
  look: string;
  words: string;
  of: number;
  isAlways?: boolean;
}) {
  if (of === 0 && !isAlways) return null;
  return (
    <span className="timeline-key">
      <span className={`timeline-swatch ${look}`} aria-hidden />
      <span>
        {words} <span className="figures timeline-length">{duration(of)}</span>
      </span>
    </span>
  );
}

function lifeOf(task: Drawn): Life {
  const at = (instant: string | null) => (instant === null ? null : Date.parse(instant));
  return {
    createdAt: Date.parse(task.createdAt),
    queuedAt: at(task.queuedAt),
    assignedAt: at(task.assignedAt),
    dueAt: at(task.dueAt),
    deadline: at(task.deadline),
    finishedAt: at(task.finishedAt),
    attempts: task.attempts.map(({ number, assignedAt, startedAt, finishedAt }) => ({
      number,
      assignedAt: at(assignedAt),
      startedAt: Date.parse(startedAt),
      finishedAt: at(finishedAt),
    })),
  };
}

function marksOf(life: Life, status: TaskStatus, now: number): Mark[] {
  const { createdAt, queuedAt, dueAt, deadline, finishedAt, attempts } = life;
  const assignedAt = assignedAtOf(life);
  const isAgain = attempts.some(({ startedAt }) => queuedAt !== null && startedAt < queuedAt);
  const isDue = dueAt !== null && finishedAt === null && dueAt > now;
  const marks: (Mark | false)[] = [
    { words: "submitted", at: createdAt, kind: "past" },
    queuedAt !== null && { words: isAgain ? "ready again" : "ready", at: queuedAt, kind: "past" },
    assignedAt !== null && { words: "assigned", at: assignedAt, kind: "past" },
    finishedAt === null
      ? { words: "now", at: now, kind: "now" }
      : { words: STATUS[status].word.toLowerCase(), at: finishedAt, kind: "past" },
    isDue && { words: "due", at: dueAt, kind: "due" },
    deadline !== null && { words: "deadline", at: deadline, kind: "deadline" },
  ];
  return marks.filter((mark) => mark !== false);
}

function lengthOf(line: Line, kind: Span["kind"]): number {
  return line.spans.reduce((sum, span) => (span.kind === kind ? sum + span.to - span.from : sum), 0);
}

/** What came of it in the end. */
function newestOf(attempts: Attempts) {
  return OUTCOME[attempts.reduce((a, b) => (b.number > a.number ? b : a)).outcome];
}

function times(attempts: number): string {
  return attempts > 1 ? ` in ${attempts} attempts` : "";
}

/** " by worker-1, worker-2": three at most, for they stand on their bars too where these are wide enough. */
function workersOf(attempts: Attempts): string {
  const names = [...new Set(attempts.flatMap(({ worker }) => worker?.name ?? []))];
  if (names.length === 0) return "";
  return ` by ${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
}

function inWords(line: Line, { attempts, status, finishedAt }: Drawn): string {
  const runs = attempts.map(
    ({ number, outcome, worker }) =>
      `attempt ${number} ${OUTCOME[outcome].word.toLowerCase()}${worker ? ` by ${worker.name}` : ""}`,
  );
  const end = finishedAt === null ? [] : [`${STATUS[status].word.toLowerCase()} in the end`];
  const inLane = lengthOf(line, "lane");
  const lane = inLane > 0 ? [`in a worker’s lane for ${duration(inLane)}`] : [];
  return [`In line for ${duration(lengthOf(line, "waiting"))}`, ...lane, ...runs, ...end].join(", ");
}
