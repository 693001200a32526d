/** How a queue's tasks find their workers, in words. */
import type { Strategy, WaitReason } from "@/graphql/graphql";

export const STRATEGIES: Record<Strategy, { name: string; words: string }> = {
  PRIORITY: {
    name: "By priority",
    words: "Each free worker takes the task that should start first. Right for nearly everything.",
  },
  ROUND_ROBIN: {
    name: "Round robin",
    words: "Tasks are dealt to the workers in turn, into lanes. Right where workers should get equal shares.",
  },
  LEAST_LOADED: {
    name: "Least loaded",
    words:
      "Each task goes into the lane of the worker with the most room. Right where run times differ much.",
  },
};

/** Why tasks of a queue wait, and the status under which they are found. */
export const REASONS: Record<WaitReason, { words: string; status: string }> = {
  ALL_BUSY: { words: "for a free slot", status: "queued" },
  LIMIT: { words: "for a limit", status: "queued" },
  QUEUE_PAUSED: { words: "for the queue to be resumed", status: "queued" },
  NO_WORKER: { words: "for a worker to come", status: "queued" },
  IN_LANE: { words: "in a worker’s lane", status: "assigned" },
  NOT_BEFORE: { words: "for their time, or after a failure", status: "scheduled" },
  BACKING_OFF: { words: "after a failure", status: "scheduled" },
  DEPENDENCY: { words: "for other tasks", status: "blocked" },
};
