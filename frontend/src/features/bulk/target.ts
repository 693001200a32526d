/** To how many tasks of a selection an action is done, how many of them run, how many are left alone; and the words for it. */
import { count, plural, type Total } from "@/lib/format";
import type { TaskFilter } from "./documents";
import { ableOf, CHOICES, type Choice } from "./kinds";
import { chosenIn, runningIn, type Selectable, type Selection } from "./selection";

export interface Amounts {
  /** To so many it is done. */
  able: Total;
  /** So many of those run. */
  running: Total;
  /** So many of the selection are left alone. */
  left: Total;
}

export type Target =
  | { ids: string[]; amounts: Amounts }
  | {
      /** What finds those to which it can be done. */
      filter: TaskFilter;
      /** What finds the whole of the selection. */
      whole: TaskFilter;
      /** That in words. */
      words: string;
    };

interface Chosen {
  selection: Selection;
  rows: readonly Selectable[];
  /** What finds all that the list shows, and the same in words. */
  filter: TaskFilter;
  words: string;
}

/** Of the tasks at hand those to which it can be done: all that match are asked for by the filter, not by their ids. */
export function targetOf(choice: Choice, { selection, rows, filter, words }: Chosen): Target | null {
  if (!selection.isAll) {
    const ids = chosenIn(selection, rows, CHOICES[choice].able);
    const amounts = {
      able: exactly(ids.length),
      running: exactly(choice === "CANCEL" ? runningIn(selection, rows) : 0),
      left: exactly(selection.ids.size - ids.length),
    };
    return ids.length === 0 ? null : { ids, amounts };
  }
  const status = ableOf(choice, filter.status);
  return status.length === 0 ? null : { filter: { ...filter, status }, whole: filter, words };
}

export const exactly = (atLeast: number): Total => ({ atLeast, isExact: true });

/** What is left of a whole; as it was counted, for either may be more than was counted to. */
export function less(whole: Total, part: Total): Total {
  return {
    atLeast: Math.max(0, whole.atLeast - part.atLeast),
    isExact: whole.isExact && part.isExact,
  };
}

/** "3 others are left alone: what has ended cannot be cancelled." "" where there are none. */
export function wordsOfLeft(choice: Choice, { left }: Amounts, wasDone = false): string {
  const { not } = CHOICES[choice];
  if (!left.isExact) return `Others that match ${wasDone ? "were" : "are"} left alone: ${not}.`;
  if (left.atLeast === 0) return "";
  const verb = wasDone ? (left.atLeast === 1 ? "was" : "were") : left.atLeast === 1 ? "is" : "are";
  return `${plural(left.atLeast, "other")} of the selection ${verb} left alone: ${not}.`;
}

/** What comes of it, with how much of it can be put back; null where nobody could count. */
export function consequencesOf(choice: Choice, amounts: Amounts | null): string {
  return choice === "CANCEL"
    ? `${cancelling(amounts)} What depends on them is cancelled too.`
    : CONSEQUENCES[choice];
}

const STOPPED = "stopped: that cannot be undone, though what was stopped can be retried.";

function cancelling(amounts: Amounts | null): string {
  if (amounts === null) return `What runs is ${STOPPED} What waits can be put back within a week.`;
  const { able, running } = amounts;
  const waiting = less(able, running);
  if (running.isExact && running.atLeast === 0) return "They wait, and can be put back within a week.";
  if (waiting.isExact && waiting.atLeast === 0)
    return `${able.atLeast === 1 ? "It runs, and is" : "All of them run, and are"} ${STOPPED}`;
  const run = running.isExact && running.atLeast === 1 ? "runs, and is" : "run, and are";
  return `${amountOf(running)} of them ${run} ${STOPPED} ${whatWaits(waiting)} can be put back within a week.`;
}

function whatWaits({ atLeast, isExact }: Total): string {
  if (!isExact) return "What waits";
  return `The ${count(atLeast)} that ${atLeast === 1 ? "waits" : "wait"}`;
}

function amountOf({ atLeast, isExact }: Total): string {
  return isExact ? count(atLeast) : `${count(atLeast)}+`;
}

const CONSEQUENCES: Record<Exclude<Choice, "CANCEL">, string> = {
  RETRY:
    "They run again, each with a fresh allowance of attempts. That cannot be undone; they can be cancelled.",
  RESCHEDULE: "What is left empty stays as it is. They can be put back where they were within a week.",
  DELETE: "They are gone for good, with their attempts, results and logs. That cannot be undone.",
};
