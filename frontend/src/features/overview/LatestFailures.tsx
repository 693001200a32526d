/** The tasks that failed last. */
import { useEffect, useState } from "react";
import { ThumbsUp } from "lucide-react";
import { Link } from "wouter";
import { useChanges } from "@/graphql/changes";
import { graphql, readFragment, type FragmentOf, type ResultOf } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { Card } from "@/ui/Card";
import { Empty } from "@/ui/states";
import { RelativeTime } from "@/ui/Time";
import "./overview.css";

export const LatestFailures_task = graphql(`
  fragment LatestFailures_task on Task {
    id
    title
    status
    finishedAt
    createdAt
    version
    error {
      type
      message
    }
  }
`);

const FailureChanged = graphql(`
  subscription FailureChanged($id: ID!) {
    taskChanged(id: $id, follow: true) {
      id
      status
      version
    }
  }
`);

/** Where many fail a row is here for a moment: it is watched once it stays. */
const WATCHED_AFTER_MS = 2_000;

interface Props {
  tasks: readonly FragmentOf<typeof LatestFailures_task>[];
  /** One of them has not failed any more. */
  onLeft: () => void;
}

export function LatestFailures({ tasks, onLeft }: Props) {
  const failed = readFragment(LatestFailures_task, tasks).filter(({ status }) => status === "FAILED");
  const { isAdmin } = useViewer();
  const aside = failed.length > 0 && (
    <Link className="link" href="/tasks?status=failed">
      All failures
    </Link>
  );
  return (
    <Card title="Latest failures" className="chart-whole" isFlush aside={aside}>
      {failed.length === 0 && (
        <Empty icon={ThumbsUp} title={isAdmin ? "Nothing has failed" : "Nothing of yours has failed"}>
          What fails stands here with its reason, the latest first.
        </Empty>
      )}
      <ul className="failures">
        {failed.map((task) => (
          <Failure key={task.id} task={task} onLeft={onLeft} />
        ))}
      </ul>
    </Card>
  );
}

function Failure({ task, onLeft }: { task: ResultOf<typeof LatestFailures_task>; onLeft: () => void }) {
  const { id, title, error, finishedAt, createdAt } = task;
  const [stays, setStays] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setStays(true), WATCHED_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  // What fails is told to all at once; that somebody retries one of these, only to who shows it.
  useChanges({ query: FailureChanged, variables: { id }, isOff: !stays }, ({ taskChanged }) => {
    if (taskChanged.status !== "FAILED") onLeft();
  });
  return (
    <li>
      <Link href={`/tasks/${id}`} className="failure">
        <span className="failure-title clip">{title}</span>
        <span className="faint">
          <RelativeTime at={finishedAt ?? createdAt} />
        </span>
        <span className="failure-words clip">{error === null ? "No reason given." : error.message}</span>
      </Link>
    </li>
  );
}
