/** Why what waits in a queue waits, each reason a way to those tasks. */
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { count } from "@/lib/format";
import { TasksLink } from "@/features/tasks/TasksLink";
import { Card } from "@/ui/Card";
import { Spark } from "./QueueCard";
import { REASONS } from "./strategies";

export const QueueWaiting_queue = graphql(`
  fragment QueueWaiting_queue on Queue {
    name
    depth
    runningCount
    depthByPriority {
      priority
      depth
    }
    waiting {
      reason
      count
    }
  }
`);

export function QueueWaiting({ queue: data }: { queue: FragmentOf<typeof QueueWaiting_queue> }) {
  const queue = readFragment(QueueWaiting_queue, data);
  const href = (status: string) => `/tasks?queue=${encodeURIComponent(queue.name)}&status=${status}`;
  const most = Math.max(1, ...queue.waiting.map((each) => each.count));
  return (
    <Card
      title="What waits"
      aside={
        <TasksLink className="link figures" href={href("running")}>
          {count(queue.runningCount)} running
        </TasksLink>
      }
    >
      <Spark depths={queue.depthByPriority} />
      <p className="queue-scale faint">
        <span>Priority 1</span>
        <span>{count(queue.depth)} ready</span>
        <span>10</span>
      </p>
      {queue.waiting.length === 0 ? (
        <p className="faint">Nothing waits.</p>
      ) : (
        <ul className="reasons">
          {queue.waiting.map(({ reason, count: amount }) => (
            <li key={reason}>
              <TasksLink href={href(REASONS[reason].status)} className="reason">
                <span className="figures reason-count">{count(amount)}</span>
                <span>{REASONS[reason].words}</span>
                <span className="reason-bar" aria-hidden>
                  <span style={{ width: `${(100 * amount) / most}%` }} />
                </span>
              </TasksLink>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
