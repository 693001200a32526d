/** Everything else that is known of a task. */
import { Link } from "wouter";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { duration } from "@/lib/time";
import { Card, Fact } from "@/ui/Card";
import { Tags } from "@/ui/Tags";
import { RelativeTime } from "@/ui/Time";

export const TaskFacts_task = graphql(`
  fragment TaskFacts_task on Task {
    id
    function
    priority
    tags
    createdAt
    startedAt
    finishedAt
    runAt
    dueAt
    deadline
    onDeadline
    timeoutSeconds
    queue {
      id
      name
    }
    owner {
      id
      username
    }
    worker {
      id
      name
    }
    limitKey
  }
`);

export function TaskFacts({ task: data }: { task: FragmentOf<typeof TaskFacts_task> }) {
  const task = readFragment(TaskFacts_task, data);
  return (
    <Card title="Details">
      <dl className="facts facts-side">
        {task.function !== null && (
          <Fact name="Function">
            <Link className="link mono" href={`/tasks?function=${encodeURIComponent(task.function)}`}>
              {task.function}
            </Link>
          </Fact>
        )}
        <Fact name="Queue">
          <Link className="link" href={`/tasks?queue=${encodeURIComponent(task.queue.name)}`}>
            {task.queue.name}
          </Link>
        </Fact>
        <Fact name="Priority">{task.priority} of 10</Fact>
        <Fact name="Owner">{task.owner?.username ?? "—"}</Fact>
        <Fact name="Worker">{task.worker?.name ?? "—"}</Fact>
        <Instant name="Submitted" at={task.createdAt} />
        <Instant name="Not before" at={task.runAt} />
        <Instant name="Started" at={task.startedAt} />
        <Instant name="Finished" at={task.finishedAt} />
        <Instant name="Deadline" at={task.deadline} />
        {task.deadline !== null && (
          <Fact name="At the deadline">
            {task.onDeadline === "CANCEL" ? "it is cancelled" : "it may finish late"}
          </Fact>
        )}
        {task.timeoutSeconds !== null && <Fact name="Timeout">{duration(task.timeoutSeconds * 1_000)}</Fact>}
        {task.limitKey !== null && <Fact name="Limit key">{task.limitKey}</Fact>}
        {task.tags.length > 0 && (
          <Fact name="Tags">
            <Tags of={task.tags} />
          </Fact>
        )}
      </dl>
    </Card>
  );
}

function Instant({ name, at }: { name: string; at: string | null }) {
  if (at === null) return null;
  return (
    <Fact name={name}>
      <RelativeTime at={at} />
    </Fact>
  );
}
