/** Decides which changed tasks are new to a list, so that they gather behind a chip and push nothing away. */

export interface Row {
  id: string;
  createdAt: string;
}

/** So many are told apart; more of them tell nobody more, and would grow for as long as the page is open. */
export const MOST_GATHERED = 1_000;

/**
 * The ids that gather: those from before and those of `changed` that the list does not show and that would stand
 * before its last row. What stands after the last row comes with "load more".
 */
export function gather(
  waiting: ReadonlySet<string>,
  changed: readonly Row[],
  shown: readonly Row[],
  isWhole: boolean,
) {
  if (waiting.size >= MOST_GATHERED) return waiting;
  const ids = new Set(shown.map((row) => row.id));
  const last = shown.at(-1);
  const next = new Set(waiting);
  for (const row of changed) {
    if (next.size >= MOST_GATHERED) break;
    if (ids.has(row.id)) continue;
    if (isWhole || last === undefined || standsBefore(row, last)) next.add(row.id);
  }
  return next.size === waiting.size ? waiting : next;
}

/** Whether a list of the newest first shows `row` before `other`; tasks of one submit share an instant, so ids decide. */
function standsBefore(row: Row, other: Row) {
  const later = Date.parse(row.createdAt) - Date.parse(other.createdAt);
  return later === 0 ? row.id > other.id : later > 0;
}

/** The newest `limit` of both, newest first, each id once; the incoming version of a row wins. */
export function mergeNewest<T extends Row>(rows: readonly T[], incoming: readonly T[], limit: number): T[] {
  const byId = new Map([...rows, ...incoming].map((row) => [row.id, row]));
  return [...byId.values()].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt)).slice(0, limit);
}
