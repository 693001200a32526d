/** What else can be said of a task, besides its arguments. */
import { type Json } from "@/lib/exactjson";
import { instantOf } from "@/lib/time";

export interface OptionDrafts {
  priority: string;
  runAt: string;
  deadline: string;
  maxAttempts: string;
  timeoutSeconds: string;
  tags: string;
  dependsOn: string;
  limitKey: string;
}

export const NO_OPTIONS: OptionDrafts = {
  priority: "",
  runAt: "",
  deadline: "",
  maxAttempts: "",
  timeoutSeconds: "",
  tags: "",
  dependsOn: "",
  limitKey: "",
};

export interface OptionReading {
  options: Record<string, Json>;
  errors: Record<string, string>;
}

export function readOptions(drafts: OptionDrafts): OptionReading {
  const options: Record<string, Json> = {};
  const errors: Record<string, string> = {};
  if (drafts.priority !== "") options["priority"] = Number(drafts.priority);
  for (const name of ["runAt", "deadline"] as const) {
    const at = instantOf(drafts[name]);
    if (at !== null) options[name] = at;
  }
  const attempts = drafts.maxAttempts.trim();
  if (/^[1-9]\d{0,5}$/.test(attempts)) options["maxAttempts"] = Number(attempts);
  else if (attempts !== "") errors["maxAttempts"] = "A whole number from 1.";
  const timeout = drafts.timeoutSeconds.trim();
  if (/^\d+(\.\d+)?$/.test(timeout) && Number(timeout) > 0) options["timeoutSeconds"] = Number(timeout);
  else if (timeout !== "") errors["timeoutSeconds"] = "Seconds, more than 0.";
  const tags = drafts.tags.split(",").map((tag) => tag.trim());
  if (tags.some(Boolean)) options["tags"] = tags.filter(Boolean);
  readNeeds(drafts.dependsOn, { options, errors });
  const limitKey = drafts.limitKey.trim();
  if (limitKey !== "") options["limitKey"] = limitKey;
  return { options, errors };
}

function readNeeds(draft: string, { options, errors }: OptionReading): void {
  const needs = draft.split(/[\s,]+/).filter(Boolean);
  if (needs.some((id) => !/^task_[0-9a-z]{26}$/.test(id))) errors["dependsOn"] = "Ids of tasks, task_…";
  else if (needs.length > 0) options["dependsOn"] = needs;
}
