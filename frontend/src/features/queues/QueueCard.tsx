/** A queue at a glance; administrators can hold it and let it go on. */
import { CirclePause, CirclePlay } from "lucide-react";
import { Link } from "wouter";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { count, plural, short } from "@/lib/format";
import { height, isWide } from "@/lib/scale";
import { Badge, type Look } from "@/ui/Badge";
import { TasksLink } from "@/features/tasks/TasksLink";
import { PauseQueue } from "./PauseQueue";
import "./queues.css";

export const QueueCard_queue = graphql(`
  fragment QueueCard_queue on Queue {
    id
    name
    kind
    strategy
    isPaused
    depth
    runningCount
    depthByPriority {
      priority
      depth
    }
    workers {
      id
      status
    }
  }
`);

export const OPEN: Look = { word: "Open", icon: CirclePlay, hue: "good" };
export const PAUSED: Look = { word: "Paused", icon: CirclePause, hue: "stopped" };
export const SHORTLY = {
  PRIORITY: "by priority",
  ROUND_ROBIN: "round robin",
  LEAST_LOADED: "to the least loaded",
};
export const KINDS = { POOL: "Functions", REMOTE: "Programs", PERSON: "People" };

export function QueueCard({ queue: data }: { queue: FragmentOf<typeof QueueCard_queue> }) {
  const queue = readFragment(QueueCard_queue, data);
  const { isAdmin } = useViewer();
  const there = queue.workers.filter(({ status }) => status !== "OFFLINE" && status !== "LOST").length;
  return (
    <section className="card queue" aria-label={`Queue ${queue.name}`}>
      <div className="queue-head">
        <div>
          <h2>
            <Link href={`/queues/${encodeURIComponent(queue.name)}`} className="queue-name">
              {queue.name}
            </Link>
          </h2>
          <p className="faint">
            {KINDS[queue.kind]}, {SHORTLY[queue.strategy]}
          </p>
        </div>
        <Badge look={queue.isPaused ? PAUSED : OPEN} />
      </div>
      <Spark depths={queue.depthByPriority} />
      <dl className="queue-facts">
        <Figure
          name="Ready"
          value={queue.depth}
          href={`/tasks?queue=${encodeURIComponent(queue.name)}&status=queued`}
        />
        <Figure
          name="Running"
          value={queue.runningCount}
          href={`/tasks?queue=${encodeURIComponent(queue.name)}&status=running`}
        />
        <div>
          <dt className="faint">Workers</dt>
          <dd>
            <Link href="/workers" className="queue-figure figures">
              {short(there)}
            </Link>
          </dd>
        </div>
      </dl>
      {isAdmin && <PauseQueue name={queue.name} isPaused={queue.isPaused} />}
    </section>
  );
}

function Figure({ name, value, href }: { name: string; value: number; href: string }) {
  return (
    <div>
      <dt className="faint">{name}</dt>
      <dd>
        <TasksLink href={href} className="queue-figure figures" title={count(value)}>
          {short(value)}
        </TasksLink>
      </dd>
    </div>
  );
}

export function Spark({ depths }: { depths: readonly { priority: number; depth: number }[] }) {
  const amounts = depths.map(({ depth }) => depth);
  const most = Math.max(...amounts, 1);
  const isLog = isWide(amounts);
  const words = depths
    .filter(({ depth }) => depth > 0)
    .map((each) => `${each.depth} at priority ${each.priority}`);
  return (
    <svg
      className="spark"
      viewBox="0 0 100 24"
      preserveAspectRatio="none"
      role="img"
      aria-label={words.length === 0 ? "No ready tasks" : words.join(", ")}
    >
      {depths.map(({ priority, depth }, index) => {
        const tall = Math.max(24 * height(depth, most, isLog), 1);
        return (
          <rect
            key={priority}
            className={depth > 0 ? "spark-some" : undefined}
            x={index * 10 + 1}
            width={8}
            y={24 - tall}
            height={tall}
          >
            <title>{`${plural(depth, "task")} at priority ${priority}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
