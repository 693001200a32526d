/** Every queue: what waits in it, what runs, and whether it is open. */
import { Layers } from "lucide-react";
import { useQuery } from "urql";
import { QueueCard, QueueCard_queue } from "@/features/queues/QueueCard";
import { Whose } from "@/features/tasks/Whose";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { useTitle } from "@/lib/title";
import { PageHead } from "@/ui/Card";
import { Broken, Empty, SkeletonRows } from "@/ui/states";

const QueuesQuery = graphql(
  `
    query Queues {
      queues {
        id
        ...QueueCard_queue
      }
    }
  `,
  [QueueCard_queue],
);

const QueuesChanged = graphql(
  `
    subscription QueuesChanged {
      queuesChanged {
        id
        ...QueueCard_queue
      }
    }
  `,
  [QueueCard_queue],
);

export default function QueuesPage() {
  useTitle("Queues");
  const [{ data, error }, reread] = useQuery({ query: QueuesQuery });
  const again = () => reread({ requestPolicy: "network-only" });
  useReread(again);
  useChanges({ query: QueuesChanged, variables: {} });
  return (
    <>
      <PageHead
        title="Queues"
        words="Named lines of tasks. Bars show what is ready, by priority from 1 to 10."
      />
      <Whose />
      {error && !data && <Broken words={wordsOf(error)} onRetry={again} />}
      {!error && !data && <SkeletonRows rows={5} />}
      {data?.queues.length === 0 && (
        <Empty icon={Layers} title="No queues yet">
          A queue appears when a worker offers a function in it: <code className="mono">rota up</code>
        </Empty>
      )}
      <div className="queues">
        {data?.queues.map((queue) => (
          <QueueCard key={queue.id} queue={queue} />
        ))}
      </div>
    </>
  );
}
