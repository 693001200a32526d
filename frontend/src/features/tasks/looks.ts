/** How each status and each outcome looks; a new one does not compile until it is drawn here. */
import {
  Ban,
  CircleCheck,
  CircleX,
  Clock,
  Hourglass,
  Inbox,
  Link2,
  LoaderCircle,
  RotateCcw,
  Timer,
  Unplug,
} from "lucide-react";
import type { AttemptOutcome, TaskStatus } from "@/graphql/graphql";
import type { Look } from "@/ui/Badge";

export const STATUS: Record<TaskStatus, Look> = {
  BLOCKED: { word: "Blocked", icon: Link2, hue: "waiting" },
  SCHEDULED: { word: "Scheduled", icon: Clock, hue: "waiting" },
  QUEUED: { word: "Queued", icon: Hourglass, hue: "waiting" },
  ASSIGNED: { word: "Assigned", icon: Inbox, hue: "working" },
  RUNNING: { word: "Running", icon: LoaderCircle, hue: "working" },
  SUCCEEDED: { word: "Succeeded", icon: CircleCheck, hue: "good" },
  FAILED: { word: "Failed", icon: CircleX, hue: "bad" },
  CANCELLED: { word: "Cancelled", icon: Ban, hue: "stopped" },
  EXPIRED: { word: "Expired", icon: Timer, hue: "stopped" },
};

export const STATUSES = Object.keys(STATUS) as TaskStatus[];

export const OUTCOME: Record<AttemptOutcome, Look> = {
  RUNNING: STATUS.RUNNING,
  SUCCEEDED: STATUS.SUCCEEDED,
  FAILED: STATUS.FAILED,
  TIMED_OUT: { word: "Timed out", icon: Timer, hue: "bad" },
  CANCELLED: STATUS.CANCELLED,
  EXPIRED: STATUS.EXPIRED,
  LOST: { word: "Worker lost", icon: Unplug, hue: "bad" },
  RELEASED: { word: "Given back", icon: RotateCcw, hue: "stopped" },
};

/** What has not started. */
export const WAITING: readonly TaskStatus[] = ["BLOCKED", "SCHEDULED", "QUEUED", "ASSIGNED"];
export const FINAL: ReadonlySet<TaskStatus> = new Set(["SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"]);
export const RETRIED: ReadonlySet<TaskStatus> = new Set(["FAILED", "CANCELLED", "EXPIRED"]);
const MOVABLE: ReadonlySet<TaskStatus> = new Set(["BLOCKED", "SCHEDULED", "QUEUED"]);

export const isFinal = (status: TaskStatus) => FINAL.has(status);
export const mayRetry = (status: TaskStatus) => RETRIED.has(status);
/** What has not been handed to a worker can get another priority or another time. */
export const mayMove = (status: TaskStatus) => MOVABLE.has(status);
