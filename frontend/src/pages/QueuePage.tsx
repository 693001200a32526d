/** One queue: what waits in it and why, how it is worked off, what bounds it, and how long it keeps what has ended. */
import { Layers, ListChecks } from "lucide-react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { PauseQueue } from "@/features/queues/PauseQueue";
import { KINDS, OPEN, PAUSED } from "@/features/queues/QueueCard";
import { QueueLimits, QueueLimits_queue } from "@/features/queues/QueueLimits";
import { QueueRetention, QueueRetention_queue } from "@/features/queues/QueueRetention";
import { QueueStrategy, QueueStrategy_queue } from "@/features/queues/QueueStrategy";
import { QueueWaiting, QueueWaiting_queue } from "@/features/queues/QueueWaiting";
import { Whose } from "@/features/tasks/Whose";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { useViewer } from "@/graphql/viewer";
import { useTitle } from "@/lib/title";
import { Badge } from "@/ui/Badge";
import { ButtonLink } from "@/ui/Button";
import { Card, PageHead } from "@/ui/Card";
import { Broken, Empty, SkeletonRows } from "@/ui/states";
import "@/features/queues/queues.css";

const QueuePage_queue = graphql(
  `
    fragment QueuePage_queue on Queue @_unmask {
      id
      name
      kind
      isPaused
      workers {
        id
        name
      }
      ...QueueWaiting_queue
      ...QueueStrategy_queue
      ...QueueLimits_queue
      ...QueueRetention_queue
    }
  `,
  [QueueWaiting_queue, QueueStrategy_queue, QueueLimits_queue, QueueRetention_queue],
);

const QueueQuery = graphql(
  `
    query QueuePage($name: String!) {
      queue(name: $name) {
        ...QueuePage_queue
      }
      functions {
        name
        queue {
          id
          name
        }
      }
    }
  `,
  [QueuePage_queue],
);

const QueueChanged = graphql(
  `
    subscription QueuePageChanged {
      queuesChanged {
        ...QueuePage_queue
      }
    }
  `,
  [QueuePage_queue],
);

export default function QueuePage({ name }: { name: string }) {
  useTitle(name);
  const { isAdmin, isClient } = useViewer();
  const [{ data, error }, reread] = useQuery({ query: QueueQuery, variables: { name } });
  const again = () => reread({ requestPolicy: "network-only" });
  useReread(again);
  useChanges({ query: QueueChanged, variables: {} });
  if (error && !data) return <Broken words={wordsOf(error)} onRetry={again} />;
  if (!data) return <SkeletonRows rows={8} />;
  const { queue } = data;
  if (queue === null)
    return (
      <Empty isPage icon={Layers} title={`There is no queue ${name}`}>
        A queue appears when a worker offers a function in it.{" "}
        <Link href="/queues" className="link">
          All queues
        </Link>
      </Empty>
    );
  const functions = data.functions.filter((each) => each.queue.name === name).map((each) => each.name);
  return (
    <>
      <PageHead
        title={
          <span className="title-line">
            {name} <Badge look={queue.isPaused ? PAUSED : OPEN} />
          </span>
        }
        words={KINDS[queue.kind]}
      >
        {isClient && (
          <ButtonLink isSmall icon={ListChecks} href={`/tasks?queue=${encodeURIComponent(name)}`}>
            Tasks
          </ButtonLink>
        )}
        {isAdmin && <PauseQueue name={name} isPaused={queue.isPaused} />}
      </PageHead>
      <Whose />
      <div className="queue-page">
        <QueueWaiting queue={queue} />
        <QueueStrategy queue={queue} />
        <div className="card-whole">
          <QueueLimits queue={queue} functions={functions} />
        </div>
        <QueueRetention queue={queue} />
        <Card title="Who and what">
          <Names title="Workers" none="None takes from it now.">
            {queue.workers.map((worker) => (
              <Link key={worker.id} href="/workers" className="link">
                {worker.name}
              </Link>
            ))}
          </Names>
          <Names title="Functions" none="None stands in it.">
            {functions.map((each) => (
              <FunctionName key={each} name={each} isLink={isClient} />
            ))}
          </Names>
        </Card>
      </div>
    </>
  );
}

function FunctionName({ name, isLink }: { name: string; isLink: boolean }) {
  if (!isLink) return <span className="mono">{name}</span>;
  return (
    <Link href={`/submit?function=${encodeURIComponent(name)}`} className="link mono">
      {name}
    </Link>
  );
}

function Names({ title, none, children }: { title: string; none: string; children: React.ReactNode[] }) {
  return (
    <div className="names">
      <h3>{title}</h3>
      {children.length === 0 ? <p className="faint">{none}</p> : <div className="name-list">{children}</div>}
    </div>
  );
}
