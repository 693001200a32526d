/** A limit in words, and as somebody types it. */
import { count, plural } from "@/lib/format";
import { duration } from "@/lib/time";

export interface Bounds {
  function: string | null;
  perKey: boolean;
  maxRunning: number | null;
  maxStarts: number | null;
  periodSeconds: number | null;
}

export type Scope = "queue" | "function" | "key";

export interface LimitDraft {
  scope: Scope;
  function: string;
  maxRunning: string;
  maxStarts: string;
  periodSeconds: string;
}

export function scopeOf({ function: name, perKey }: Pick<Bounds, "function" | "perKey">): string {
  if (name === null) return "The whole queue";
  return perKey ? `Each limit key of ${name}` : name;
}

/** "5 at once, 100 starts in 1 min" */
export function boundsOf({ maxRunning, maxStarts, periodSeconds }: Bounds): string {
  const running = maxRunning === null ? "" : `${count(maxRunning)} at once`;
  const starts =
    maxStarts === null || periodSeconds === null
      ? ""
      : `${plural(maxStarts, "start")} in ${duration(periodSeconds * 1_000)}`;
  return [running, starts].filter(Boolean).join(", ");
}

export function draftOf(limit: Bounds | null): LimitDraft {
  const text = (value: number | null | undefined) =>
    value === null || value === undefined ? "" : String(value);
  return {
    scope: limit === null || limit.function === null ? "queue" : limit.perKey ? "key" : "function",
    function: limit?.function ?? "",
    maxRunning: text(limit?.maxRunning),
    maxStarts: text(limit?.maxStarts),
    periodSeconds: text(limit?.periodSeconds),
  };
}

/** What the API takes, and what is wrong before it is asked. */
export function readDraft(draft: LimitDraft, queue: string) {
  const errors: Record<string, string> = {};
  const whole = (name: "maxRunning" | "maxStarts") => {
    const text = draft[name].trim();
    if (text === "") return undefined;
    if (!/^[1-9]\d{0,5}$/.test(text)) errors[name] = "A whole number from 1.";
    return Number(text);
  };
  const maxRunning = whole("maxRunning");
  const maxStarts = whole("maxStarts");
  const period = draft.periodSeconds.trim();
  if (draft.scope !== "queue" && draft.function === "") errors["function"] = "Choose a function.";
  if (maxRunning === undefined && maxStarts === undefined)
    errors["maxRunning"] = "Say how many run at once, or how many start in a period.";
  if ((maxStarts === undefined) !== (period === ""))
    errors["periodSeconds"] = "Starts and period go together.";
  else if (period !== "" && !(Number(period) > 0)) errors["periodSeconds"] = "Seconds, more than 0.";
  const input = {
    queue,
    ...(draft.scope !== "queue" && { function: draft.function, perKey: draft.scope === "key" }),
    ...(maxRunning !== undefined && { maxRunning }),
    ...(maxStarts !== undefined && { maxStarts, periodSeconds: Number(period) }),
  };
  return { input, errors };
}
