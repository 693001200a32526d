/** Which tasks of a list are selected: some by hand, or all that match its filter, loaded or not. */
import type { TaskStatus } from "@/graphql/graphql";

export interface Selectable {
  id: string;
  status: TaskStatus;
  viewerMayChange: boolean;
}

export interface Selection {
  /** All that match, whatever `ids` says. */
  isAll: boolean;
  /** Chosen by hand, with the status in which each was last seen. */
  ids: ReadonlyMap<string, TaskStatus>;
  /** Where a range begins: what was chosen last. */
  anchor: string | null;
}

/** So many can be named to the server at once; a filter takes any number. */
export const MOST_BY_HAND = 1_000;

export const NOTHING: Selection = { isAll: false, ids: new Map(), anchor: null };
export const ALL: Selection = { isAll: true, ids: new Map(), anchor: null };

export function isSelected({ isAll, ids }: Selection, id: string): boolean {
  return isAll || ids.has(id);
}

/** With one more, or one less. Less one of all that match are all others that are loaded. */
export function toggled(selection: Selection, rows: readonly Selectable[], id: string): Selection {
  const ids = new Map(selection.isAll ? entries(rows) : selection.ids);
  const row = rows.find((one) => one.id === id);
  if (!ids.delete(id) && row?.viewerMayChange === true) ids.set(id, row.status);
  return { isAll: false, ids, anchor: id };
}

/** With all from where the last choice was made to here; all of them as that one is. */
export function ranged(selection: Selection, rows: readonly Selectable[], id: string): Selection {
  const from = rows.findIndex((row) => row.id === selection.anchor);
  const to = rows.findIndex((row) => row.id === id);
  if (selection.isAll || from === -1 || to === -1) return toggled(selection, rows, id);
  const range = entries(rows.slice(Math.min(from, to), Math.max(from, to) + 1));
  const ids = new Map(selection.ids);
  const isAdding = selection.anchor !== null && ids.has(selection.anchor);
  for (const [each, status] of range) {
    if (isAdding) ids.set(each, status);
    else ids.delete(each);
  }
  return { isAll: false, ids, anchor: id };
}

/** All that are loaded; nothing where they are selected already. */
export function loadedToggled(selection: Selection, rows: readonly Selectable[]): Selection {
  return share(selection, rows) === "all"
    ? NOTHING
    : { isAll: false, ids: new Map(entries(rows)), anchor: null };
}

/** How much of what is loaded is selected. */
export function share(selection: Selection, rows: readonly Selectable[]): "none" | "some" | "all" {
  if (selection.isAll) return "all";
  if (selection.ids.size === 0) return "none";
  return rows.every((row) => !row.viewerMayChange || selection.ids.has(row.id)) ? "all" : "some";
}

/** The chosen ones in one of these statuses, as far as the list shows how they are now. */
export function chosenIn(
  { ids }: Selection,
  rows: readonly Selectable[],
  able: ReadonlySet<TaskStatus>,
): string[] {
  if (ids.size === 0) return [];
  const now = new Map(rows.filter((row) => ids.has(row.id)).map((row) => [row.id, row.status]));
  return [...ids].filter(([id, seen]) => able.has(now.get(id) ?? seen)).map(([id]) => id);
}

const RUNNING: ReadonlySet<TaskStatus> = new Set(["RUNNING"]);

/** How many of the chosen run; that goes by the status last seen too where one is not loaded any more. */
export function runningIn(selection: Selection, rows: readonly Selectable[]): number {
  return chosenIn(selection, rows, RUNNING).length;
}

function entries(rows: readonly Selectable[]): [string, TaskStatus][] {
  return rows.filter((row) => row.viewerMayChange).map((row) => [row.id, row.status]);
}
