/** Which tasks stand at which worker: those that were read, overtaken by those that changed since. */
import type { TaskStatus } from "@/graphql/graphql";

export interface WorkersTask {
  id: string;
  title: string;
  status: TaskStatus;
  progress: number | null;
  startedAt: string | null;
  finishedAt: string | null;
  version: number;
  worker: { id: string } | null;
}

export interface Places {
  running: WorkersTask[];
  /** Assigned and not started, next first. */
  lane: WorkersTask[];
  /** The last that ended here, the latest first. */
  left: WorkersTask[];
}

const LEFT = 3;
export const MOST_CHANGED = 500;

/** The newest state of each task that changed, the latest changes last, no more than are worth keeping. */
export function remember(
  before: ReadonlyMap<string, WorkersTask>,
  changed: readonly WorkersTask[],
): ReadonlyMap<string, WorkersTask> {
  const next = new Map(before);
  for (const task of changed) {
    const known = next.get(task.id);
    if (known && known.version > task.version) continue;
    next.delete(task.id);
    next.set(task.id, task);
  }
  const over = next.size - MOST_CHANGED;
  return over > 0 ? new Map([...next].slice(over)) : next;
}

/** What stands at one worker. */
export function placesOf(
  workerId: string,
  read: readonly WorkersTask[],
  changed: ReadonlyMap<string, WorkersTask>,
): Places {
  const all = new Map(read.map((task) => [task.id, task]));
  for (const [id, task] of changed) {
    const known = all.get(id);
    if (!known || known.version <= task.version) all.set(id, task);
  }
  const here = [...all.values()].filter(({ worker }) => worker?.id === workerId);
  const of = (wanted: (status: TaskStatus) => boolean) => here.filter(({ status }) => wanted(status));
  return {
    running: of((status) => status === "RUNNING").sort((a, b) => instant(a.startedAt) - instant(b.startedAt)),
    lane: of((status) => status === "ASSIGNED").sort((a, b) => (a.id < b.id ? -1 : 1)),
    left: of((status) => status === "SUCCEEDED" || status === "FAILED" || status === "CANCELLED")
      .sort((a, b) => instant(b.finishedAt) - instant(a.finishedAt))
      .slice(0, LEFT),
  };
}

/** Puts what runs into places: who has one keeps it, who comes takes the first that is free. */
export function seated(before: readonly (string | null)[], running: readonly string[], slots: number) {
  const seats: (string | null)[] = Array.from({ length: Math.max(slots, running.length) }, (_, index) => {
    const id = before[index] ?? null;
    return id !== null && running.includes(id) ? id : null;
  });
  for (const id of running) {
    if (seats.includes(id)) continue;
    const free = seats.indexOf(null);
    if (free === -1) seats.push(id);
    else seats[free] = id;
  }
  return seats;
}

function instant(at: string | null): number {
  return at === null ? 0 : Date.parse(at);
}
