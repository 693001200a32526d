/** What a list of tasks knows: its pages, what came since and gathers, and whether it has to be read again. */
import { isFinal, WAITING } from "@/features/tasks/looks";
import { gather, type Row } from "@/lib/newrows";
import { rowsOf, unread, withError, withNext, withRead, type Page, type PageRead } from "./pages";
import type { ChangedTask, ListedTask, TaskFilter, TaskOrder } from "./documents";

export interface ListState {
  filter: TaskFilter;
  order: TaskOrder;
  pages: readonly Page<ListedTask>[];
  /** Grows each time after which something may have been missed: pages of an earlier one are read again when seen. */
  reading: number;
  /** Grows with each start from the top. */
  start: number;
  /** The ids of what came since. */
  fresh: ReadonlySet<string>;
  /** When its newest task was submitted: read again, the list begins there, so that nothing is pushed down. */
  newest: string | null;
  /** Where live updates stood before its first page was read; undefined until then. */
  opening: string | null | undefined;
}

export type ListEvent =
  | { type: "read"; after: string | null; read: PageRead<ListedTask>; liveCursor: string | null }
  | { type: "failed"; after: string | null; words: string }
  | { type: "more" }
  | { type: "missed" }
  | { type: "changed"; tasks: readonly ChangedTask[] }
  | { type: "came"; rows: readonly Row[] }
  | { type: "restarted" };

const NO_IDS: ReadonlySet<string> = new Set();

export function beginning(filter: TaskFilter, order: TaskOrder): ListState {
  return {
    filter,
    order,
    pages: [unread(null)],
    reading: 0,
    start: 0,
    fresh: NO_IDS,
    newest: null,
    opening: undefined,
  };
}

/** As it was left; what it shows is read again. */
export function resumed(state: ListState): ListState {
  return { ...state, reading: state.reading + 1 };
}

export const isById = (order: TaskOrder) => order === "NEWEST_FIRST" || order === "OLDEST_FIRST";

export function after(state: ListState, event: ListEvent): ListState {
  switch (event.type) {
    case "read":
      return { ...read(state, event.after, event.read), opening: openingOf(state, event.liveCursor) };
    case "failed":
      return { ...state, pages: withError(state.pages, event.after, event.words) };
    case "more":
      return { ...state, pages: withNext(state.pages) };
    case "missed":
      return { ...state, reading: state.reading + 1 };
    case "changed":
      return gathered(
        state,
        event.tasks.filter((task) => matches(task, state.filter)),
      );
    case "came":
      return gathered(state, event.rows);
    case "restarted":
      return restarted(state);
  }
}

/** A page that is read later, or once more, is kept up to date by then. */
function openingOf({ opening }: ListState, liveCursor: string | null): string | null {
  return opening === undefined ? liveCursor : opening;
}

function read(state: ListState, cursor: string | null, page: PageRead<ListedTask>): ListState {
  const pages = withRead(state.pages, cursor, state.reading, page, isById(state.order));
  const first = pages[0]?.rows?.[0]?.createdAt ?? null;
  const newest = state.order === "NEWEST_FIRST" ? (state.newest ?? first) : null;
  return { ...state, pages, newest, fresh: stillFresh(state.fresh, pages, page.rows) };
}

/** Without what was just read, and without what stands behind all that is loaded: that comes with its page. */
function stillFresh(fresh: ReadonlySet<string>, pages: readonly Page<ListedTask>[], read: readonly Row[]) {
  if (fresh.size === 0) return fresh;
  const shown = new Set(read.map(({ id }) => id));
  const { last, isWhole } = endOf(pages);
  // Ids grow with time, and such a list is ordered by them.
  const isBefore = (id: string) => isWhole || last === undefined || id > last.id;
  return new Set([...fresh].filter((id) => !shown.has(id) && isBefore(id)));
}

/** The last row of what is loaded, and whether nothing comes behind it; what is still to be read has no say. */
function endOf(pages: readonly Page<ListedTask>[]) {
  const loaded = pages.findLast(({ rows }) => rows !== null);
  return {
    last: loaded?.rows?.at(-1),
    isWhole: loaded !== undefined && loaded === pages.at(-1) && !loaded.hasNext,
  };
}

/** What stands on top stays until what is there now has come. */
function restarted(state: ListState): ListState {
  const [first] = state.pages;
  const pages = [first ? { ...first, hasNext: false, reading: -1 } : unread<ListedTask>(null)];
  const { reading, start } = state;
  return { ...state, pages, reading: reading + 1, start: start + 1, fresh: NO_IDS, newest: null };
}

/** In other orders nothing gathers: what is new may stand anywhere. What comes before the first page is judged with it. */
function gathered(state: ListState, rows: readonly Row[]): ListState {
  if (state.order !== "NEWEST_FIRST") return state;
  const fresh = gather(state.fresh, rows, rowsOf(state.pages, true), endOf(state.pages).isWhole);
  return fresh === state.fresh ? state : { ...state, fresh };
}

/** The server tells of every change, for a row must hear too that it no longer matches; new are only those that do. */
function matches(task: ChangedTask, { status, priority, priorityAtLeast }: TaskFilter): boolean {
  return (
    (status?.includes(task.status) ?? true) &&
    (priority?.includes(task.priority) ?? true) &&
    task.priority >= (priorityAtLeast ?? 1)
  );
}

/** The filter of the page after a cursor: the first one, read again, has nothing that came since. */
export function filterOfPage({ filter, newest }: ListState, cursor: string | null): TaskFilter {
  if (cursor !== null || newest === null) return filter;
  const end = new Date(Date.parse(newest) + 1).toISOString();
  const isEarlier = filter.createdBefore != null && Date.parse(filter.createdBefore) < Date.parse(end);
  return isEarlier ? filter : { ...filter, createdBefore: end };
}

/** Finds what came since, where nobody told of it. */
export function filterOfNewer({ filter, newest }: ListState): TaskFilter | null {
  return newest === null ? null : { ...filter, createdAfter: newest };
}

/** Finds all that the list shows, and nothing else. */
export function filterOfAll({ filter, order }: ListState): TaskFilter {
  if (order === "DEADLINE") return { ...filter, hasDeadline: true };
  const isWaiting = order === "NEXT_TO_RUN" && !filter.status?.length; // shows then what waits alone
  if (isWaiting) return { ...filter, status: [...WAITING] };
  // What has ended stands in no line.
  return order === "NEXT_TO_RUN"
    ? { ...filter, status: filter.status?.filter((one) => !isFinal(one)) }
    : filter;
}
