/** A worker: whether it is there, how full it is, when it was last heard; administrators steer it. */
import {
  CircleCheck,
  CirclePause,
  CircleSlash,
  LogOut,
  MoreHorizontal,
  Pause,
  Play,
  Square,
  Unplug,
} from "lucide-react";
import { useState } from "react";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf, type WorkerStatus } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import type { Look } from "@/ui/Badge";
import { Mark } from "@/ui/Badge";
import { Confirm } from "@/ui/Dialog";
import { Menu, MenuItem } from "@/ui/Menu";
import { Slots } from "@/ui/Meter";
import { RelativeTime } from "@/ui/Time";
import { toast } from "@/ui/toast";
import "./workers.css";

export const WorkerRow_worker = graphql(`
  fragment WorkerRow_worker on Worker {
    id
    name
    kind
    status
    slots
    runningCount
    laneCount
    isStuck
    host
    pid
    startedAt
    heartbeatAt
    endedAt
    queues {
      id
      name
    }
  }
`);

const PauseMutation = graphql(`
  mutation PauseWorker($id: ID!) {
    pauseWorker(id: $id) {
      worker {
        id
        status
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const ResumeMutation = graphql(`
  mutation ResumeWorker($id: ID!) {
    resumeWorker(id: $id) {
      worker {
        id
        status
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const StopMutation = graphql(`
  mutation StopWorker($id: ID!) {
    stopWorker(id: $id) {
      worker {
        id
        status
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

export const WORKER_STATUS: Record<WorkerStatus, Look> = {
  ONLINE: { word: "Online", icon: CircleCheck, hue: "good" },
  PAUSED: { word: "Paused", icon: CirclePause, hue: "stopped" },
  DRAINING: { word: "Draining", icon: LogOut, hue: "working" },
  OFFLINE: { word: "Offline", icon: CircleSlash, hue: "stopped" },
  LOST: { word: "Lost", icon: Unplug, hue: "bad" },
};

const KINDS = { POOL: "functions", REMOTE: "program", PERSON: "person" };

export function WorkerRow({ worker: data }: { worker: FragmentOf<typeof WorkerRow_worker> }) {
  const worker = readFragment(WorkerRow_worker, data);
  const { isAdmin } = useViewer();
  const isThere = worker.status !== "OFFLINE" && worker.status !== "LOST";
  const heard = worker.endedAt ?? worker.heartbeatAt;
  return (
    <tr className={isThere ? undefined : "worker-gone"}>
      <td className="worker-status">
        <Mark look={WORKER_STATUS[worker.status]} />
      </td>
      <td className="worker-name">
        <span>{worker.name}</span>{" "}
        <span className="faint">
          {KINDS[worker.kind]}, {worker.host}, pid {worker.pid}
        </span>
        {worker.isStuck && <span className="worker-stuck">its event loop does not answer</span>}
      </td>
      <td data-name="Slots" className="worker-slots">
        {isThere ? (
          <>
            <Slots busy={worker.runningCount} slots={worker.slots} />
            <span className="figures soft">
              {worker.runningCount} of {worker.slots}
            </span>
          </>
        ) : (
          <span className="faint">—</span>
        )}
      </td>
      <td data-name="Queues" className="soft">
        {worker.queues.map(({ name }) => name).join(", ")}
      </td>
      <td data-name={isThere ? "Heard" : "Ended"} className="number soft">
        {heard === null ? "—" : <RelativeTime at={heard} />}
      </td>
      <td data-name="Started" className="number soft">
        <RelativeTime at={worker.startedAt} />
      </td>
      <td className="worker-acts">
        {isAdmin && isThere && <WorkerMenu id={worker.id} name={worker.name} status={worker.status} />}
      </td>
    </tr>
  );
}

function WorkerMenu({ id, name, status }: { id: string; name: string; status: WorkerStatus }) {
  const [isAsking, setAsking] = useState(false);
  const pausing = useAct(PauseMutation);
  const resuming = useAct(ResumeMutation);
  const stopping = useAct(StopMutation);
  const tell = async (action: typeof pausing.act, words: string) => {
    const { errors } = await action({ id });
    if (errors) toast.bad(errors[0]?.message ?? "That did not work.");
    else toast.good(words);
  };
  return (
    <>
      <Menu
        label={`Actions for ${name}`}
        buttonClass="button button-quiet button-small button-bare"
        button={<MoreHorizontal size={16} aria-hidden />}
      >
        {status === "PAUSED" ? (
          <MenuItem
            onChoose={() => void tell(resuming.act as typeof pausing.act, `${name} takes tasks again.`)}
          >
            <Play size={15} aria-hidden />
            Resume
          </MenuItem>
        ) : (
          <MenuItem onChoose={() => void tell(pausing.act, `${name} takes nothing new.`)}>
            <Pause size={15} aria-hidden />
            Pause
          </MenuItem>
        )}
        <MenuItem onChoose={() => setAsking(true)}>
          <Square size={15} aria-hidden />
          Stop
        </MenuItem>
      </Menu>
      {isAsking && (
        <Confirm
          title={`Stop ${name}?`}
          action="Stop the worker"
          isBusy={stopping.isBusy}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            void tell(stopping.act as typeof pausing.act, `${name} finishes what it runs, then ends.`).then(
              () => setAsking(false),
            )
          }
        >
          It finishes what it runs, takes nothing new, and ends. Under <code className="mono">rota up</code>{" "}
          another one takes its place.
        </Confirm>
      )}
    </>
  );
}
