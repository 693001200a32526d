/** What can be done to many tasks, to which of them, and the words for it. */
import { Ban, CalendarClock, RotateCcw, Trash2, type LucideIcon } from "lucide-react";
import type { TaskStatus } from "@/graphql/graphql";
import { FINAL, RETRIED, WAITING } from "@/features/tasks/looks";
import { count, plural } from "@/lib/format";
import type { BulkAction } from "./documents";

/** What one chooses; an undo and a reset come about elsewhere. */
export type Choice = "CANCEL" | "RETRY" | "RESCHEDULE" | "DELETE";

interface ChoiceLook {
  verb: string;
  icon: LucideIcon;
  /** In which statuses it can be done: as the server sees it. */
  able: ReadonlySet<TaskStatus>;
  /** What it takes, for where nothing of it is selected. */
  takes: string;
  /** Why it leaves others alone. */
  not: string;
}

export const CHOICES: Record<Choice, ChoiceLook> = {
  CANCEL: {
    verb: "Cancel",
    icon: Ban,
    able: new Set([...WAITING, "RUNNING"]),
    takes: "What has not ended can be cancelled.",
    not: "what has ended cannot be cancelled",
  },
  RETRY: {
    verb: "Retry",
    icon: RotateCcw,
    able: RETRIED,
    takes: "What failed, expired or was cancelled can run again.",
    not: "only what failed, expired or was cancelled can run again",
  },
  RESCHEDULE: {
    verb: "Reschedule",
    icon: CalendarClock,
    able: new Set(WAITING),
    takes: "What waits can be given another place in line.",
    not: "only what waits can be moved",
  },
  DELETE: {
    verb: "Delete",
    icon: Trash2,
    able: FINAL,
    takes: "What has ended can be deleted.",
    not: "only what has ended can be deleted",
  },
};

type Kind = BulkAction["kind"];

const WORDS: Record<Kind, { doing: string; done: string; failed: string }> = {
  CANCEL: { doing: "Cancelling", done: "Cancelled", failed: "could not be cancelled" },
  RETRY: { doing: "Retrying", done: "Retried", failed: "could not be retried" },
  RESCHEDULE: { doing: "Rescheduling", done: "Rescheduled", failed: "could not be rescheduled" },
  DELETE: { doing: "Deleting", done: "Deleted", failed: "could not be deleted" },
  RESET: { doing: "Deleting", done: "Deleted", failed: "could not be deleted" },
  UNDO: { doing: "Putting back", done: "Put back", failed: "could not be put back" },
};

/** "Cancelling 1,200 of 5,000 tasks", "Cancelled 4,998 tasks, 2 could not be cancelled". */
export function wordsOfAction({ kind, status, done, failed, total }: BulkAction): string {
  const words = WORDS[kind];
  if (status === "RUNNING") {
    if (total === null) return `${words.doing} tasks`;
    return `${words.doing} ${count(done + failed)} of ${plural(total, "task")}`;
  }
  if (done + failed === 0) return `${words.done} nothing: no task was in a state for it`;
  const good = `${words.done} ${plural(done, "task")}`;
  return failed === 0 ? good : `${good}, ${count(failed)} ${words.failed}`;
}

/** What undoing an action would put back, and what not; "" where there is nothing to say. */
export function wordsOfUndo({ kind, status, done, undoable, undoneBy }: BulkAction): string {
  if (status === "RUNNING" || undoneBy !== null || done === 0) return "";
  if (undoable > 0) {
    const isPart = kind === "CANCEL" && undoable < done;
    return `Undo puts ${plural(undoable, "task")} back${isPart ? "; what had begun stays cancelled" : ""}.`;
  }
  if (kind !== "CANCEL") return "";
  return `That cannot be undone: ${done === 1 ? "it had begun. It" : "they had begun. They"} can be retried.`;
}

/** All went well. */
export function isGood({ status, failed }: BulkAction): boolean {
  return status === "DONE" && failed === 0;
}

/** The statuses that a filter asks for, as far as this can be done to them; all such where it asks for none. */
export function ableOf(choice: Choice, asked: readonly TaskStatus[] | null | undefined): TaskStatus[] {
  const { able } = CHOICES[choice];
  return asked == null || asked.length === 0 ? [...able] : asked.filter((status) => able.has(status));
}
