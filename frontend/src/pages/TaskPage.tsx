/** One task, live: also after its end, for it may be retried elsewhere. */
import { SearchX } from "lucide-react";
import { Link } from "wouter";
import { useQuery } from "urql";
import { DependencyCard } from "@/features/dependencies/DependencyCard";
import { LogCard } from "@/features/log/LogCard";
import { isFinal, WAITING } from "@/features/tasks/looks";
import { TaskAttempts, TaskAttempts_task } from "@/features/tasks/TaskAttempts";
import { TaskFacts, TaskFacts_task } from "@/features/tasks/TaskFacts";
import { TaskHead, TaskHead_task } from "@/features/tasks/TaskHead";
import { TaskNow, TaskNow_task } from "@/features/tasks/TaskNow";
import { TaskOutcome, TaskOutcome_task } from "@/features/tasks/TaskOutcome";
import { Timeline, Timeline_task } from "@/features/tasks/Timeline";
import { useWaiting } from "@/features/tasks/useWaiting";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { useTitle } from "@/lib/title";
import { Card } from "@/ui/Card";
import { JsonView } from "@/ui/JsonView";
import { Broken, Empty, SkeletonRows } from "@/ui/states";
import "@/features/tasks/tasks.css";

const TaskPage_task = graphql(
  `
    fragment TaskPage_task on Task @_unmask {
      id
      title
      status
      args
      version
      ...TaskHead_task
      ...TaskNow_task
      ...Timeline_task
      ...TaskOutcome_task
      ...TaskAttempts_task
      ...TaskFacts_task
    }
  `,
  [TaskHead_task, TaskNow_task, Timeline_task, TaskOutcome_task, TaskAttempts_task, TaskFacts_task],
);

const TaskPageQuery = graphql(
  `
    query TaskPage($id: ID!) {
      task(id: $id) {
        ...TaskPage_task
      }
    }
  `,
  [TaskPage_task],
);

const TaskPageChanged = graphql(
  `
    subscription TaskPageChanged($id: ID!) {
      taskChanged(id: $id, follow: true) {
        ...TaskPage_task
      }
    }
  `,
  [TaskPage_task],
);

export default function TaskPage({ id }: { id: string }) {
  const [{ data, error }, reread] = useQuery({ query: TaskPageQuery, variables: { id } });
  const again = () => reread({ requestPolicy: "network-only" });
  const task = data?.task;
  useReread(again);
  useTitle(task?.title ?? "Task");
  useChanges({ query: TaskPageChanged, variables: { id }, isOff: !task });
  useWaiting(id, task ? WAITING.includes(task.status) : false);

  if (error && !task) {
    const isNoId = error.graphQLErrors.some(({ extensions }) => extensions["code"] === "BAD_USER_INPUT");
    return isNoId ? <NoTask /> : <Broken words={wordsOf(error)} onRetry={again} />;
  }
  if (data === undefined) return <SkeletonRows rows={8} />;
  if (!task) return <NoTask />;
  return (
    <>
      <TaskHead task={task} />
      <TaskNow task={task} />
      <div className="task-page">
        <div className="task-column">
          <Card title="Timeline">
            <Timeline task={task} />
          </Card>
          <TaskOutcome task={task} />
          <DependencyCard id={task.id} />
          <LogCard id={task.id} isOver={isFinal(task.status)} />
          <Card title="Arguments">
            <JsonView value={task.args} label="Arguments" />
          </Card>
          <TaskAttempts task={task} />
        </div>
        <TaskFacts task={task} />
      </div>
    </>
  );
}

function NoTask() {
  return (
    <Empty isPage icon={SearchX} title="There is no such task">
      It may have been removed, or it belongs to somebody else.{" "}
      <Link className="link" href="/tasks">
        See all tasks
      </Link>
    </Empty>
  );
}
