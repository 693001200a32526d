/** How each state of a worker looks, and what each kind of worker is. */
import { CircleCheck, CirclePause, CircleSlash, LogOut, Unplug } from "lucide-react";
import type { WorkerStatus } from "@/graphql/graphql";
import type { Look } from "@/ui/Badge";

export const WORKER_STATUS: Record<WorkerStatus, Look> = {
  ONLINE: { word: "Online", icon: CircleCheck, hue: "good" },
  PAUSED: { word: "Paused", icon: CirclePause, hue: "stopped" },
  DRAINING: { word: "Draining", icon: LogOut, hue: "working" },
  OFFLINE: { word: "Offline", icon: CircleSlash, hue: "stopped" },
  LOST: { word: "Lost", icon: Unplug, hue: "bad" },
};

export const KINDS = { POOL: "functions", REMOTE: "program", PERSON: "person" };

/** Ended or lost. */
export const isGone = (status: WorkerStatus) => status === "OFFLINE" || status === "LOST";
