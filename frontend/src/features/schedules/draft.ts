/** A schedule as somebody types it, and as the API takes it. */
import type { Json } from "@/lib/exactjson";

export interface ScheduleDraft {
  name: string;
  function: string;
  cron: string;
  timezone: string;
  catchUp: boolean;
  title: string;
  priority: string;
  deadlineSeconds: string;
  timeoutSeconds: string;
  maxAttempts: string;
  tags: string;
  limitKey: string;
}

/** What of a schedule can be changed here. */
export interface Kept {
  name: string;
  function: string;
  cron: string;
  timezone: string;
  catchUp: boolean;
  title: string | null;
  priority: number | null;
  deadlineSeconds: number | null;
  timeoutSeconds: number | null;
  maxAttempts: number | null;
  tags: readonly string[];
  limitKey: string | null;
}

export const USUAL = [
  { cron: "*/5 * * * *", label: "Every 5 minutes" },
  { cron: "0 * * * *", label: "Every hour" },
  { cron: "0 9 * * *", label: "Daily at 9" },
  { cron: "0 9 * * 1-5", label: "Weekdays at 9" },
  { cron: "0 3 1 * *", label: "Monthly" },
] as const;

export function newDraft(timezone: string, called: string): ScheduleDraft {
  return {
    name: "",
    function: called,
    cron: "0 9 * * 1-5",
    timezone,
    catchUp: false,
    title: "",
    priority: "",
    deadlineSeconds: "",
    timeoutSeconds: "",
    maxAttempts: "",
    tags: "",
    limitKey: "",
  };
}

export function draftOf(kept: Kept): ScheduleDraft {
  const text = (value: number | string | null) => (value === null ? "" : String(value));
  return {
    name: kept.name,
    function: kept.function,
    cron: kept.cron,
    timezone: kept.timezone,
    catchUp: kept.catchUp,
    title: text(kept.title),
    priority: text(kept.priority),
    deadlineSeconds: text(kept.deadlineSeconds),
    timeoutSeconds: text(kept.timeoutSeconds),
    maxAttempts: text(kept.maxAttempts),
    tags: kept.tags.join(", "),
    limitKey: text(kept.limitKey),
  };
}

const NUMBERS = {
  priority: "From 1 to 10.",
  deadlineSeconds: "Seconds, 1 or more.",
  timeoutSeconds: "Seconds, more than 0.",
  maxAttempts: "A whole number from 1.",
} as const;

/** What is left empty is null: the function's own, or none. */
export function readDraft(draft: ScheduleDraft) {
  const errors: Record<string, string> = {};
  if (draft.name.trim() === "") errors["name"] = "Give it a name.";
  if (draft.function === "") errors["function"] = "Choose a function.";
  const numbers: Record<string, number | null> = {};
  for (const [name, words] of Object.entries(NUMBERS)) {
    const text = draft[name as keyof typeof NUMBERS].trim();
    const value = text === "" ? null : Number(text);
    if (value !== null && !(value > 0)) errors[name] = words;
    numbers[name] = value;
  }
  const tags = draft.tags
    .split(",")
    .map((tag) => tag.trim())
    .filter(Boolean);
  const text = (value: string) => (value.trim() === "" ? null : value.trim());
  const values = {
    name: draft.name.trim(),
    function: draft.function,
    cron: draft.cron.trim(),
    timezone: draft.timezone.trim(),
    catchUp: draft.catchUp,
    title: text(draft.title),
    limitKey: text(draft.limitKey),
    tags,
    ...(numbers as Record<keyof typeof NUMBERS, number | null>),
  };
  return { values, errors };
}

export interface Run {
  id: string;
  status: string;
}

const ENDS = { SUCCEEDED: "good", FAILED: "bad", CANCELLED: "stopped", EXPIRED: "stopped" } as const;

export function hueOf(status: string): "good" | "bad" | "stopped" | "working" {
  return (ENDS as Record<string, "good" | "bad" | "stopped">)[status] ?? "working";
}

/** "20 runs: 18 succeeded, 2 failed" */
export function runsInWords(runs: readonly Run[]): string {
  if (runs.length === 0) return "No runs yet";
  const amounts = new Map<string, number>();
  for (const { status } of runs) amounts.set(status, (amounts.get(status) ?? 0) + 1);
  const parts = [...amounts].map(([status, amount]) => `${amount} ${status.toLowerCase()}`);
  return `Last ${runs.length === 1 ? "run" : `${runs.length} runs`}: ${parts.join(", ")}`;
}

export function asArgs(value: Json): Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
