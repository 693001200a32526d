/** A list of tasks, read page by page and live: changed rows change where they stand, new ones gather. */
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { useClient, useQuery } from "urql";
import { useChanges } from "@/graphql/changes";
import { useLive, useReread } from "@/graphql/live";
import {
  NewerTasksQuery,
  TaskCountQuery,
  TaskListChanged,
  type ListedTask,
  type TaskFilter,
  type TaskOrder,
} from "./documents";
import type { Total } from "@/lib/format";
import type { Kept } from "./kept";
import { after, beginning, filterOfNewer, isById, resumed } from "./liststate";
import { isShort, rowsOf, type Page } from "./pages";

/** How many rows before the end of what is loaded the next page is asked for. */
const AHEAD = 100;

/** How many there are: where the api did not count to the end, the list itself may have come there. */
function totalOfList(counted: Total, loaded: number, last: Page<ListedTask> | undefined): Total {
  if (counted.isExact) return counted;
  return {
    atLeast: Math.max(counted.atLeast, loaded),
    isExact: last !== undefined && last.rows !== null && !last.hasNext,
  };
}

export function useTaskList(filter: TaskFilter, order: TaskOrder, kept: Kept | null) {
  const client = useClient();
  const [list, tell] = useReducer(after, null, () => (kept ? resumed(kept.list) : beginning(filter, order)));
  const { pages, reading } = list;
  const rows = useMemo(() => rowsOf(pages, isById(order)), [pages, order]);
  const last = pages.at(-1);

  const missed = useCallback(() => {
    tell({ type: "missed" });
    const newer = filterOfNewer(list);
    if (newer === null) return;
    const asking = client.query(NewerTasksQuery, { filter: newer }, { requestPolicy: "network-only" });
    void asking.toPromise().then(({ data }) => {
      if (data) tell({ type: "came", rows: data.tasks.nodes });
    });
  }, [client, list]);
  useReread(missed);
  // From where it was left, paused or first read: what has changed since is told, new tasks are counted.
  const [left, setLeft] = useState(kept?.cursor ?? null);
  const cursor = useRef(left);
  const isPaused = useLive().mark === "paused";
  useEffect(() => {
    if (isPaused) setLeft(cursor.current);
  }, [isPaused]);
  const since = left ?? list.opening;
  const variables = useMemo(() => ({ filter: list.filter, after: since }), [list.filter, since]);
  useChanges({ query: TaskListChanged, variables, isOff: since === undefined }, ({ tasksChanged }) => {
    cursor.current = tasksChanged.cursor;
    tell({ type: "changed", tasks: tasksChanged.tasks });
    if (tasksChanged.isReset) missed();
  });

  const [{ data: counted }, recount] = useQuery({
    query: TaskCountQuery,
    variables: { filter, orderBy: order },
  });
  const seen = useRef(reading);
  useEffect(() => {
    if (seen.current === reading) return;
    seen.current = reading;
    recount({ requestPolicy: "network-only" });
  }, [reading, recount]);

  const isSearching = isShort(pages);
  /** Rows up to this one are looked at. */
  const reach = useCallback(
    (row: number) => {
      if (row >= rows.length - AHEAD && last?.hasNext === true) tell({ type: "more" });
    },
    [rows.length, last],
  );
  return {
    list,
    tell,
    rows,
    reach,
    missed,
    cursor,
    isReading: last?.error === null && (isSearching || last.rows === null),
    /** More may be found: what was looked through had fewer than a page holds. */
    isSearching,
    error: last?.error ?? null,
    total: counted ? totalOfList(counted.tasks.total, rows.length, last) : null,
  };
}
