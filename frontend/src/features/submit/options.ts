/** What else can be said of a task, besides its arguments. */
import { type Json } from "@/lib/exactjson";
import { instantOf } from "@/lib/time";

export const NO_OPTIONS = {
  title: "",
  queue: "",
  priority: "",
  runAt: "",
  deadline: "",
  onDeadline: "",
  maxAttempts: "",
  timeoutSeconds: "",
  tags: "",
  dependsOn: "",
  limitKey: "",
  idempotencyKey: "",
};

export type OptionDrafts = typeof NO_OPTIONS;
export type OptionName = keyof OptionDrafts;

export interface OptionReading {
  options: Record<string, Json>;
  errors: Record<string, string>;
}

const WEEK_S = 7 * 24 * 3_600;
/** Free words, with the most characters that the server takes. */
const WORDS: Partial<Record<OptionName, number>> = {
  title: 200,
  queue: 100,
  limitKey: 200,
  idempotencyKey: 200,
};

/** Instants are judged against `now`; it is told what time it is. */
export function readOptions(drafts: OptionDrafts, now: number): OptionReading {
  const reading: OptionReading = { options: {}, errors: {} };
  for (const [name, most] of Object.entries(WORDS)) readWords(name as OptionName, most, drafts, reading);
  readNumber("priority", drafts, reading, /^([1-9]|10)$/, "A whole number from 1 to 10; 10 goes first.");
  readNumber("maxAttempts", drafts, reading, /^([1-9]\d?|100)$/, "A whole number from 1 to 100.");
  readTimeout(drafts.timeoutSeconds.trim(), reading);
  readInstants(drafts, reading, now);
  if (drafts.onDeadline === "CANCEL" || drafts.onDeadline === "FINISH_LATE")
    reading.options["onDeadline"] = drafts.onDeadline;
  else if (drafts.onDeadline !== "") reading.errors["onDeadline"] = "CANCEL or FINISH_LATE.";
  readTags(drafts.tags, reading);
  readNeeds(drafts.dependsOn, reading);
  return reading;
}

function readWords(name: OptionName, most: number, drafts: OptionDrafts, reading: OptionReading): void {
  const words = drafts[name].trim();
  if (words.length > most) reading.errors[name] = `At most ${most} characters; these are ${words.length}.`;
  else if (words !== "") reading.options[name] = words;
}

function readNumber(
  name: OptionName,
  drafts: OptionDrafts,
  reading: OptionReading,
  shape: RegExp,
  otherwise: string,
): void {
  const draft = drafts[name].trim();
  if (shape.test(draft)) reading.options[name] = Number(draft);
  else if (draft !== "") reading.errors[name] = otherwise;
}

function readTimeout(draft: string, reading: OptionReading): void {
  const seconds = Number(draft);
  if (draft === "") return;
  if (!/^\d+(\.\d+)?$/.test(draft) || seconds <= 0)
    reading.errors["timeoutSeconds"] = "Seconds, more than 0.";
  else if (seconds > WEEK_S) reading.errors["timeoutSeconds"] = `At most ${WEEK_S}, that is 7 days.`;
  else reading.options["timeoutSeconds"] = seconds;
}

function readInstants(drafts: OptionDrafts, { options, errors }: OptionReading, now: number): void {
  const found: Partial<Record<"runAt" | "deadline", number>> = {};
  for (const name of ["runAt", "deadline"] as const) {
    const draft = drafts[name].trim();
    const instant = /^\d{4}-\d\d-\d\d/.test(draft) ? instantOf(draft) : null;
    if (instant !== null) {
      options[name] = instant;
      found[name] = Date.parse(instant);
    } else if (draft !== "") errors[name] = "A date and a time, like 2030-11-25T09:30.";
  }
  const { runAt, deadline } = found;
  if (deadline !== undefined && deadline <= now) errors["deadline"] = "This has passed already.";
  else if (deadline !== undefined && runAt !== undefined && runAt >= deadline)
    errors["deadline"] = "This must come after the instant before which it does not start.";
}

function readTags(draft: string, { options, errors }: OptionReading): void {
  const tags = draft
    .split(",")
    .map((tag) => tag.trim())
    .filter(Boolean);
  if (tags.length > 20) errors["tags"] = "At most 20 tags.";
  else if (tags.some((tag) => tag.length > 50)) errors["tags"] = "A tag has at most 50 characters.";
  else if (tags.length > 0) options["tags"] = tags;
}

function readNeeds(draft: string, { options, errors }: OptionReading): void {
  const needs = draft.split(/[\s,]+/).filter(Boolean);
  if (needs.some((id) => !/^task_[0-9a-z]{26}$/.test(id))) errors["dependsOn"] = "Ids of tasks, task_…";
  else if (needs.length > 100) errors["dependsOn"] = "At most 100 tasks.";
  else if (needs.length > 0) options["dependsOn"] = needs;
}
