/** One worker: its lane below, its places, what has just left on top; a small card where there are many workers. */
import { ArrowLeftRight, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { plural } from "@/lib/format";
import { useNow } from "@/lib/now";
import { Mark } from "@/ui/Badge";
import { Elapsed, RelativeTime } from "@/ui/Time";
import { STATUS } from "../tasks/looks";
import { KINDS, WORKER_STATUS } from "./looks";
import { placesOf, seated, type WorkersTask } from "./worker-tasks";
import { WorkerMenu } from "./WorkerMenu";
import "./workers.css";

export const WorkersTask_task = graphql(`
  fragment WorkersTask_task on Task @_unmask {
    id
    title
    status
    progress
    startedAt
    finishedAt
    version
    worker {
      id
    }
  }
`);

export const WorkerColumn_worker = graphql(
  `
    fragment WorkerColumn_worker on Worker {
      id
      name
      kind
      status
      slots
      runningCount
      laneCount
      stealing
      isStuck
      host
      pid
      heartbeatAt
      queues {
        id
        name
      }
      tasks(first: 40) {
        ...WorkersTask_task
      }
    }
  `,
  [WorkersTask_task],
);

/** A sign of life comes every few seconds; one that is older than this is worth a look. */
const OLD_MS = 10_000;
const MOST_SEATS = 24;
const MOST_LANED = 6;

interface WorkerColumnProps {
  worker: FragmentOf<typeof WorkerColumn_worker>;
  changed: ReadonlyMap<string, WorkersTask>;
  isSmall: boolean;
}

export function WorkerColumn({ worker: data, changed, isSmall }: WorkerColumnProps) {
  const worker = readFragment(WorkerColumn_worker, data);
  const { isAdmin } = useViewer();
  const { running, lane, left } = placesOf(worker.id, worker.tasks, changed);
  const seats = useSeats(running, Math.min(worker.slots, MOST_SEATS));
  const byId = new Map(running.map((task) => [task.id, task]));
  const tasks = seats.map((id) => (id === null ? null : (byId.get(id) ?? null)));
  // Others' tasks are not seen by a client, yet they take places.
  const hidden = Math.max(worker.runningCount - running.length, 0);
  return (
    <section
      className={isSmall ? "card worker worker-small" : "card worker"}
      aria-label={`Worker ${worker.name}`}
    >
      <div className="worker-head">
        <div className="worker-title">
          <h2 className="clip" title={`${worker.name}, ${worker.host}, pid ${worker.pid}`}>
            {worker.name}
          </h2>
          <Mark look={WORKER_STATUS[worker.status]} />
        </div>
        {isAdmin && <WorkerMenu worker={worker} />}
      </div>
      {worker.isStuck && (
        <p className="worker-stuck">
          <TriangleAlert size={13} aria-hidden /> Its event loop does not answer
        </p>
      )}
      {isSmall ? (
        <SmallSeats tasks={tasks} hidden={hidden} />
      ) : (
        <>
          <ul className="worker-left" aria-label="Just left">
            {left.map((task) => (
              <li key={task.id} className="worker-appears">
                <TaskLink task={task} />
              </li>
            ))}
          </ul>
          <ol className="worker-seats" aria-label="Places">
            {tasks.map((task, index) => (
              <li key={index} className={task ? "seat seat-busy" : "seat"}>
                {task ? (
                  <Seat key={task.id} task={task} />
                ) : (
                  <span className="faint">{hiddenOr(index, tasks, hidden)}</span>
                )}
              </li>
            ))}
          </ol>
          {worker.slots > MOST_SEATS && (
            <p className="worker-more faint">and {plural(worker.slots - MOST_SEATS, "more slot")}</p>
          )}
          <Lane tasks={lane} count={Math.max(worker.laneCount, lane.length)} />
        </>
      )}
      <p className="worker-foot faint">
        <span className="figures" title="Slots in use">
          {Math.max(worker.runningCount, running.length)} of {worker.slots} busy
          {isSmall && worker.laneCount > 0 && `, ${worker.laneCount} in its lane`}
        </span>
        <span
          className="worker-heard"
          title={`${KINDS[worker.kind]} of ${worker.queues.map(({ name }) => name).join(", ")}`}
        >
          {worker.stealing && <ArrowLeftRight size={12} aria-label="Takes from others' lanes when idle" />}
          <Heard at={worker.heartbeatAt} />
        </span>
      </p>
    </section>
  );
}

/** Who has a place keeps it while it runs. */
function useSeats(running: readonly WorkersTask[], slots: number): readonly (string | null)[] {
  const [seats, setSeats] = useState<readonly (string | null)[]>([]);
  const next = seated(
    seats,
    running.map(({ id }) => id),
    slots,
  );
  if (next.length !== seats.length || next.some((id, index) => id !== seats[index])) setSeats(next);
  return next;
}

/** The first free places stand for what this viewer may not see. */
function hiddenOr(index: number, tasks: readonly (WorkersTask | null)[], hidden: number): string {
  const before = tasks.slice(0, index).filter((task) => task === null).length;
  return before < hidden ? "starting, or somebody else's" : "free";
}

function Seat({ task }: { task: WorkersTask }) {
  const share = task.progress ?? null;
  return (
    <Link href={`/tasks/${task.id}`} className="seat-link worker-appears">
      <span className="clip">{task.title}</span>
      <span className="faint seat-time">
        {task.startedAt !== null && <Elapsed from={task.startedAt} to={null} />}
      </span>
      <span
        className={share === null ? "seat-edge seat-edge-unknown" : "seat-edge"}
        style={share === null ? undefined : { width: `${Math.min(Math.max(share, 0), 1) * 100}%` }}
        aria-hidden
      />
      {share !== null && <span className="hidden-text">, {Math.round(share * 100)} % done</span>}
    </Link>
  );
}

function SmallSeats({ tasks, hidden }: { tasks: readonly (WorkersTask | null)[]; hidden: number }) {
  return (
    <ol className="small-seats" aria-label="Places">
      {tasks.map((task, index) => {
        const before = tasks.slice(0, index).filter((each) => each === null).length;
        return (
          <li key={index}>
            {task ? (
              <Link href={`/tasks/${task.id}`} className="small-seat small-seat-busy" title={task.title}>
                <span className="hidden-text">{task.title}</span>
              </Link>
            ) : (
              <span className={before < hidden ? "small-seat small-seat-other" : "small-seat"}>
                <span className="hidden-text">{before < hidden ? "busy" : "free"}</span>
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Lane({ tasks, count }: { tasks: readonly WorkersTask[]; count: number }) {
  if (count === 0) return null;
  return (
    <div className="lane">
      <p className="faint">{plural(count, "task")} in its lane</p>
      <ol>
        {tasks.slice(0, MOST_LANED).map((task) => (
          <li key={task.id} className="worker-appears">
            <TaskLink task={task} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function TaskLink({ task }: { task: WorkersTask }) {
  const { icon: Icon, hue, word } = STATUS[task.status];
  return (
    <Link href={`/tasks/${task.id}`} className={`lane-task hue-${hue}`}>
      <Icon size={13} aria-label={word} />
      <span className="clip">{task.title}</span>
    </Link>
  );
}

function Heard({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <>not heard yet</>;
  const isOld = now - Date.parse(at) > OLD_MS;
  return (
    <span className={isOld ? "worker-stuck" : undefined}>
      heard <RelativeTime at={at} />
    </span>
  );
}
