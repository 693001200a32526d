/** What matters now, at a glance. */
import { useState } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { askedOf, paramsOf } from "@/features/overview/asked";
import { Charts, Charts_metrics } from "@/features/overview/Charts";
import { Counts, Counts_metrics } from "@/features/overview/Counts";
import { LatestFailures, LatestFailures_task } from "@/features/overview/LatestFailures";
import { Pace, Pace_metrics } from "@/features/overview/Pace";
import { PriorityChart, PriorityChart_metrics, PriorityChart_queue } from "@/features/overview/PriorityChart";
import { QueueCard, QueueCard_queue } from "@/features/queues/QueueCard";
import { Whose } from "@/features/tasks/Whose";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql, readFragment, type ResultOf } from "@/graphql/graphql";
import { useOpening, useReread } from "@/graphql/live";
import { useViewer } from "@/graphql/viewer";
import { mergeNewest } from "@/lib/newrows";
import { useTitle } from "@/lib/title";
import { Misread } from "@/ui/Misread";
import { Broken, Skeleton, SkeletonRows } from "@/ui/states";

const Overview_metrics = graphql(
  `
    fragment Overview_metrics on Metrics @_unmask {
      at
      ...Counts_metrics
      ...Pace_metrics
      ...PriorityChart_metrics
      ...Charts_metrics
    }
  `,
  [Counts_metrics, Pace_metrics, PriorityChart_metrics, Charts_metrics],
);

const Overview_queue = graphql(
  `
    fragment Overview_queue on Queue @_unmask {
      id
      ...PriorityChart_queue
      ...QueueCard_queue
    }
  `,
  [PriorityChart_queue, QueueCard_queue],
);

const Overview_failure = graphql(
  `
    fragment Overview_failure on Task @_unmask {
      id
      status
      createdAt
      ...LatestFailures_task
    }
  `,
  [LatestFailures_task],
);

const OverviewQuery = graphql(
  `
    query Overview($seesTasks: Boolean!) {
      liveCursor @include(if: $seesTasks)
      metrics {
        ...Overview_metrics
      }
      queues {
        ...Overview_queue
      }
      tasks(filter: { status: [FAILED] }, first: 6) @include(if: $seesTasks) {
        nodes {
          ...Overview_failure
        }
      }
    }
  `,
  [Overview_metrics, Overview_queue, Overview_failure],
);

const OverviewTicked = graphql(
  `
    subscription OverviewTicked {
      metricsTicked {
        ...Overview_metrics
      }
    }
  `,
  [Overview_metrics],
);

const OverviewQueuesChanged = graphql(
  `
    subscription OverviewQueuesChanged {
      queuesChanged {
        ...Overview_queue
      }
    }
  `,
  [Overview_queue],
);

const OverviewTasksChanged = graphql(
  `
    subscription OverviewTasksChanged($after: String) {
      tasksChanged(filter: { status: [FAILED] }, onlyMatching: true, after: $after) {
        tasks {
          ...Overview_failure
        }
        cursor
        isReset
      }
    }
  `,
  [Overview_failure],
);

type Failure = ResultOf<typeof Overview_failure>;
const FAILURES = 6;

export default function OverviewPage() {
  useTitle("Overview");
  const { isAdmin, isClient } = useViewer();
  const [params, setParams] = useSearchParams();
  // Tasks are not for who only works on them.
  const seesTasks = isAdmin || isClient;
  const [{ data, error, stale }, reread] = useQuery({ query: OverviewQuery, variables: { seesTasks } });
  const [later, setLater] = useState<readonly Failure[]>([]);
  const again = () => {
    setLater([]);
    reread({ requestPolicy: "network-only" });
  };
  useReread(again);
  useChanges({ query: OverviewTicked, variables: {} });
  useChanges({ query: OverviewQueuesChanged, variables: {} });
  const after = useOpening(data?.liveCursor, stale);
  const failures = { query: OverviewTasksChanged, variables: { after }, isOff: after === undefined };
  useChanges(failures, ({ tasksChanged }) => {
    if (tasksChanged.isReset) again();
    else setLater((now) => mergeNewest(now, tasksChanged.tasks, FAILURES));
  });

  if (error && !data) return <Broken words={wordsOf(error)} onRetry={again} />;
  if (!data) return <Waiting />;
  const { metrics, queues, tasks } = data;
  const { asked, misread } = askedOf(
    params,
    readFragment(PriorityChart_queue, queues).map(({ name }) => name),
  );
  return (
    <>
      <h1 className="hidden-text">Overview</h1>
      <Misread parts={misread} onDrop={() => setParams(paramsOf(asked), { replace: true })}>
        The charts are drawn without it.
      </Misread>
      <Whose />
      <Counts metrics={metrics} />
      <div className="overview">
        <PriorityChart metrics={metrics} queues={queues} />
        <Pace metrics={metrics} />
        <Charts metrics={metrics} />
        {tasks && <LatestFailures tasks={mergeNewest(tasks.nodes, later, FAILURES)} onLeft={again} />}
      </div>
      <h2>Queues</h2>
      <div className="queues">
        {queues.map((queue) => (
          <QueueCard key={queue.id} queue={queue} />
        ))}
      </div>
    </>
  );
}

function Waiting() {
  return (
    <>
      <Skeleton height={86} />
      <SkeletonRows rows={10} />
    </>
  );
}
