/** A worker that has ended or was lost lately. */
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { Mark } from "@/ui/Badge";
import { RelativeTime } from "@/ui/Time";
import { KINDS, WORKER_STATUS } from "./looks";
import "./workers.css";

export const WorkerRow_worker = graphql(`
  fragment WorkerRow_worker on Worker {
    id
    name
    kind
    status
    host
    pid
    startedAt
    endedAt
  }
`);

export function WorkerRow({ worker: data }: { worker: FragmentOf<typeof WorkerRow_worker> }) {
  const worker = readFragment(WorkerRow_worker, data);
  return (
    <tr className="worker-gone">
      <td className="worker-status">
        <Mark look={WORKER_STATUS[worker.status]} />
      </td>
      <td className="worker-name">
        <span>{worker.name}</span>{" "}
        <span className="faint">
          {KINDS[worker.kind]}, {worker.host}, pid {worker.pid}
        </span>
      </td>
      <td data-name="Started" className="number soft">
        <RelativeTime at={worker.startedAt} />
      </td>
      <td data-name="Ended" className="number soft">
        {worker.endedAt === null ? "—" : <RelativeTime at={worker.endedAt} />}
      </td>
    </tr>
  );
}
