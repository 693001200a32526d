/** One queue: what waits in it and why, how it is worked off, and what bounds it. */
import { Layers } from "lucide-react";
import { useQuery } from "urql";
import { QueueCard, QueueCard_queue } from "@/features/queues/QueueCard";
import { wordsOf } from "@/graphql/errors";
import { graphql } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { useTitle } from "@/lib/title";
import { PageHead } from "@/ui/Card";
import { Broken, Empty, SkeletonRows } from "@/ui/states";

const QueueQuery = graphql(
  `
    query Queue($name: String!) {
      queue(name: $name) {
        id
        ...QueueCard_queue
      }
    }
  `,
  [QueueCard_queue],
);

export default function QueuePage({ name }: { name: string }) {
  useTitle(name);
  const [{ data, error }, reread] = useQuery({ query: QueueQuery, variables: { name } });
  const again = () => reread({ requestPolicy: "network-only" });
  useReread(again);
  if (error && !data) return <Broken words={wordsOf(error)} onRetry={again} />;
  if (!data) return <SkeletonRows rows={8} />;
  if (data.queue === null)
    return (
      <Empty isPage icon={Layers} title={`There is no queue ${name}`}>
        A queue appears when a worker offers a function in it.
      </Empty>
    );
  return (
    <>
      <PageHead title={name} />
      <QueueCard queue={data.queue} />
    </>
  );
}
