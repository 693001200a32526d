/** The tasks that failed last. */
import { ThumbsUp } from "lucide-react";
import { Link } from "wouter";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
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
    error {
      type
      message
    }
  }
`);

export function LatestFailures({ tasks }: { tasks: readonly FragmentOf<typeof LatestFailures_task>[] }) {
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
        {failed.map(({ id, title, error, finishedAt, createdAt }) => (
          <li key={id}>
            <Link href={`/tasks/${id}`} className="failure">
              <span className="failure-title clip">{title}</span>
              <span className="faint">
                <RelativeTime at={finishedAt ?? createdAt} />
              </span>
              <span className="failure-words clip">
                {error === null ? "No reason given." : error.message}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
