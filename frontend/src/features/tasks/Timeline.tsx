/** A task's life on one line, to scale: waits, attempts in the colour of their outcome, backoff, deadline, now. */
import { graphql, readFragment, type FragmentOf, type ResultOf } from "@/graphql/graphql";
import { useNow } from "@/lib/now";
import { duration, exact } from "@/lib/time";
import { lineOf, percent, type Life, type Line, type Span } from "@/lib/timeline";
import { OUTCOME } from "./looks";
import "./timeline.css";

export const Timeline_task = graphql(`
  fragment Timeline_task on Task {
    id
    createdAt
    queuedAt
    dueAt
    deadline
    finishedAt
    attempts {
      id
      number
      outcome
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

export function Timeline({ task: data }: { task: FragmentOf<typeof Timeline_task> }) {
  const task = readFragment(Timeline_task, data);
  const now = useNow();
  const life = lifeOf(task);
  const line = lineOf(life, Math.max(now, life.createdAt));
  return (
    <figure className="timeline">
      <div className="timeline-line" role="img" aria-label={inWords(line, task.attempts)}>
        {line.spans.map((span, index) => (
          <Bar key={index} span={span} line={line} attempts={task.attempts} />
        ))}
        {life.finishedAt === null && <Flag kind="now" at={now} line={line} words="now" />}
        {life.deadline !== null && life.deadline <= line.to && (
          <Flag kind="deadline" at={life.deadline} line={line} words="deadline" />
        )}
        {life.dueAt !== null && life.finishedAt === null && life.dueAt > now && life.dueAt <= line.to && (
          <Flag kind="due" at={life.dueAt} line={line} words="ready" />
        )}
      </div>
      <div className="timeline-scale figures" aria-hidden>
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <span key={share}>{share === 0 ? "submitted" : `+${duration(share * (line.to - line.from))}`}</span>
        ))}
      </div>
      <figcaption className="timeline-legend">
        <Key look="timeline-waiting" words={`Waited ${lengthOf(line, "waiting")}`} />
        {has(line, "backoff") && (
          <Key look="timeline-backoff" words={`Between attempts ${lengthOf(line, "backoff")}`} />
        )}
        {has(line, "attempt") && (
          <Key
            look={`timeline-ran hue-${lastHue(task.attempts)}`}
            words={`Ran ${lengthOf(line, "attempt")}${times(task.attempts.length)}`}
          />
        )}
      </figcaption>
    </figure>
  );
}

function Bar({ span, line, attempts }: { span: Span; line: Line; attempts: Attempts }) {
  const left = percent(line, span.from);
  const style = { left: `${left}%`, width: `${percent(line, span.to) - left}%` };
  const attempt = attempts.find(({ number }) => number === span.number);
  if (span.kind !== "attempt" || attempt === undefined)
    return (
      <span
        className={`timeline-bar timeline-${span.kind}`}
        style={style}
        title={`${span.kind === "waiting" ? "Waited" : "Between attempts"}: ${duration(span.to - span.from)}`}
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
      <span>{attempt.number}</span>
    </span>
  );
}

function Flag({ kind, at, line, words }: { kind: string; at: number; line: Line; words: string }) {
  const left = percent(line, at);
  return (
    <span
      className={`timeline-flag timeline-flag-${kind}${left > 85 ? " timeline-flag-end" : ""}`}
      style={{ left: `${left}%` }}
      title={`${words}: ${exact(at)}`}
    >
      <span>{words}</span>
    </span>
  );
}

function Key({ look, words }: { look: string; words: string }) {
  return (
    <span className="timeline-key">
      <span className={`timeline-swatch ${look}`} aria-hidden />
      <span className="figures">{words}</span>
    </span>
  );
}

function lifeOf(task: Drawn): Life {
  const at = (instant: string | null) => (instant === null ? null : Date.parse(instant));
  return {
    createdAt: Date.parse(task.createdAt),
    queuedAt: at(task.queuedAt),
    dueAt: at(task.dueAt),
    deadline: at(task.deadline),
    finishedAt: at(task.finishedAt),
    attempts: task.attempts.map(({ number, startedAt, finishedAt }) => ({
      number,
      startedAt: Date.parse(startedAt),
      finishedAt: at(finishedAt),
    })),
  };
}

function has(line: Line, kind: Span["kind"]): boolean {
  return line.spans.some((span) => span.kind === kind);
}

function lengthOf(line: Line, kind: Span["kind"]): string {
  return duration(
    line.spans.reduce((sum, span) => (span.kind === kind ? sum + span.to - span.from : sum), 0),
  );
}

/** Of the newest attempt: what came of it in the end. */
function lastHue(attempts: Attempts): string {
  const newest = attempts.reduce((a, b) => (b.number > a.number ? b : a));
  return OUTCOME[newest.outcome].hue;
}

function times(attempts: number): string {
  return attempts > 1 ? ` in ${attempts} attempts` : "";
}

function inWords(line: Line, attempts: Attempts): string {
  const runs = attempts.map(
    ({ number, outcome }) => `attempt ${number} ${OUTCOME[outcome].word.toLowerCase()}`,
  );
  return [`Waited ${lengthOf(line, "waiting")}`, ...runs].join(", ");
}
