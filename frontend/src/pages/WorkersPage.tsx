/** Everybody who does tasks: a column each, with its tasks moving through; where they are many, a grid of small cards. */
import { Server } from "lucide-react";
import { useState } from "react";
import { useQuery } from "urql";
import { WorkerColumn, WorkerColumn_worker, WorkersTask_task } from "@/features/workers/WorkerColumn";
import { isGone } from "@/features/workers/looks";
import { remember, type WorkersTask } from "@/features/workers/worker-tasks";
import { WorkerRow, WorkerRow_worker } from "@/features/workers/WorkerRow";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql, type FragmentOf } from "@/graphql/graphql";
import { useOpening, useReread } from "@/graphql/live";
import { useViewer } from "@/graphql/viewer";
import { plural } from "@/lib/format";
import { useTitle } from "@/lib/title";
import { ButtonLink } from "@/ui/Button";
import { Card, PageHead } from "@/ui/Card";
import { Broken, Empty, SkeletonRows } from "@/ui/states";
import "@/ui/table.css";

const Workers_worker = graphql(
  `
    fragment Workers_worker on Worker @_unmask {
      id
      name
      status
      slots
      runningCount
      ...WorkerColumn_worker
      ...WorkerRow_worker
    }
  `,
  [WorkerColumn_worker, WorkerRow_worker],
);

const WorkersQuery = graphql(
  `
    query Workers($seesTasks: Boolean!) {
      liveCursor @include(if: $seesTasks)
      workers {
        ...Workers_worker
      }
    }
  `,
  [Workers_worker],
);

const WorkersChanged = graphql(
  `
    subscription WorkersChanged {
      workersChanged {
        ...Workers_worker
      }
    }
  `,
  [Workers_worker],
);

const WorkersTasksChanged = graphql(
  `
    subscription WorkersTasksChanged($after: String) {
      tasksChanged(after: $after) {
        tasks {
          ...WorkersTask_task
        }
        cursor
        isReset
      }
    }
  `,
  [WorkersTask_task],
);

const MOST_COLUMNS = 8;
const NOTHING: ReadonlyMap<string, WorkersTask> = new Map();

export default function WorkersPage() {
  useTitle("Workers");
  const { isAdmin } = useViewer();
  const { data, error, changed, again } = useWorkers();
  const there = data?.workers.filter(({ status }) => !isGone(status)).sort(byName) ?? [];
  return (
    <>
      <PageHead title="Workers" words={data && inAll(there)}>
        {isAdmin && <ButtonLink href="/pools">Pools</ButtonLink>}
      </PageHead>
      {error && !data && <Broken words={wordsOf(error)} onRetry={again} />}
      {!error && !data && <SkeletonRows rows={4} />}
      {data && <Columns workers={there} changed={changed} />}
      <Gone workers={data?.workers.filter(({ status }) => isGone(status)) ?? []} />
    </>
  );
}

/** worker-2 stands before worker-10, and a worker that comes moves nobody else's column but by its own. */
function byName(one: { name: string }, other: { name: string }): number {
  return one.name.localeCompare(other.name, "en", { numeric: true });
}

interface ColumnsProps {
  workers: readonly ({ id: string } & FragmentOf<typeof WorkerColumn_worker>)[];
  changed: ReadonlyMap<string, WorkersTask>;
}

function Columns({ workers, changed }: ColumnsProps) {
  const isSmall = workers.length > MOST_COLUMNS;
  if (workers.length === 0)
    return (
      <Empty icon={Server} title="No worker is there">
        Tasks wait until one comes. Start one: <code className="mono">rota worker my_module</code>
      </Empty>
    );
  return (
    <div className={isSmall ? "workers workers-many" : "workers"}>
      {workers.map((worker) => (
        <WorkerColumn key={worker.id} worker={worker} changed={changed} isSmall={isSmall} />
      ))}
    </div>
  );
}

/** The workers as they are, and the tasks that have changed since they were read. */
function useWorkers() {
  const { isAdmin, isClient } = useViewer();
  const seesTasks = isAdmin || isClient;
  const [{ data, error, stale }, reread] = useQuery({ query: WorkersQuery, variables: { seesTasks } });
  const [changed, setChanged] = useState(NOTHING);
  const again = () => {
    setChanged(NOTHING);
    reread({ requestPolicy: "network-only" });
  };
  useReread(again);
  useChanges({ query: WorkersChanged, variables: {} });
  const after = useOpening(data?.liveCursor, stale);
  useChanges(
    { query: WorkersTasksChanged, variables: { after }, isOff: after === undefined },
    ({ tasksChanged }) => {
      if (tasksChanged.isReset) again();
      else setChanged((before) => remember(before, tasksChanged.tasks));
    },
  );
  return { data, error, changed, again };
}

/** What people see in one line of a page's head. */
function inAll(workers: readonly { slots: number; runningCount: number }[]): string {
  const slots = workers.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = workers.reduce((sum, worker) => sum + worker.runningCount, 0);
  return `${plural(workers.length, "worker")} online, ${busy} of ${plural(slots, "slot")} busy`;
}

function Gone({ workers }: { workers: readonly ({ id: string } & FragmentOf<typeof WorkerRow_worker>)[] }) {
  if (workers.length === 0) return null;
  return (
    <Card title="Ended in the last quarter of an hour" isFlush>
      <table className="table table-cards">
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Worker</th>
            <th scope="col" className="number">
              Started
            </th>
            <th scope="col" className="number">
              Ended
            </th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <WorkerRow key={worker.id} worker={worker} />
          ))}
        </tbody>
      </table>
    </Card>
  );
}
