/** Everybody who does tasks: who is there, how full, and when last heard. */
import { Server } from "lucide-react";
import { useQuery } from "urql";
import { WorkerRow, WorkerRow_worker } from "@/features/workers/WorkerRow";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { plural } from "@/lib/format";
import { useTitle } from "@/lib/title";
import { PageHead } from "@/ui/Card";
import { Broken, Empty, SkeletonRows } from "@/ui/states";
import "@/ui/table.css";

const WorkersQuery = graphql(
  `
    query Workers {
      workers {
        id
        status
        slots
        runningCount
        ...WorkerRow_worker
      }
    }
  `,
  [WorkerRow_worker],
);

const WorkersChanged = graphql(
  `
    subscription WorkersChanged {
      workersChanged {
        id
        status
        slots
        runningCount
        ...WorkerRow_worker
      }
    }
  `,
  [WorkerRow_worker],
);

export default function WorkersPage() {
  useTitle("Workers");
  const [{ data, error }, reread] = useQuery({ query: WorkersQuery });
  const again = () => reread({ requestPolicy: "network-only" });
  useReread(again);
  useChanges({ query: WorkersChanged, variables: {} });
  const there = data?.workers.filter(({ status }) => status !== "OFFLINE" && status !== "LOST") ?? [];
  const slots = there.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = there.reduce((sum, worker) => sum + worker.runningCount, 0);
  return (
    <>
      <PageHead
        title="Workers"
        words={data && `${plural(there.length, "worker")} online, ${busy} of ${plural(slots, "slot")} busy`}
      />
      {error && !data && <Broken words={wordsOf(error)} onRetry={again} />}
      {!error && !data && <SkeletonRows rows={4} />}
      {data?.workers.length === 0 && (
        <Empty icon={Server} title="No worker is there">
          Tasks wait until one comes. Start one: <code className="mono">rota worker my_module</code>
        </Empty>
      )}
      {data && data.workers.length > 0 && (
        <div className="card">
          <table className="table table-cards">
            <thead>
              <tr>
                <th scope="col">Status</th>
                <th scope="col">Worker</th>
                <th scope="col">Slots</th>
                <th scope="col">Queues</th>
                <th scope="col" className="number">
                  Heard
                </th>
                <th scope="col" className="number">
                  Started
                </th>
                <th scope="col">
                  <span className="hidden-text">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.workers.map((worker) => (
                <WorkerRow key={worker.id} worker={worker} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
