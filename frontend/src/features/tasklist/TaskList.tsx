/** The tasks that match, live: changed rows change where they stand, new ones gather behind a chip. */
import { ArrowUp } from "lucide-react";
import { useCallback, useState, type ReactNode } from "react";
import { useClient } from "urql";
import { BulkBar } from "@/features/bulk/BulkBar";
import { count, wordsOfTotal, type Total } from "@/lib/format";
import { MOST_GATHERED } from "@/lib/newrows";
import type { TaskFilter, TaskOrder } from "./documents";
import { keepList, type Kept } from "./kept";
import { filterOfAll } from "./liststate";
import { PageFeed } from "./PageFeed";
import { lookedAt } from "./pages";
import { NOTHING } from "@/features/bulk/selection";
import { TaskTable } from "./TaskTable";
import { useSelection } from "@/features/bulk/useSelection";
import { useTaskList } from "./useTaskList";
import "@/ui/list.css";
import "@/ui/table.css";
import "./tasklist.css";

interface TaskListProps {
  /** Under which it is kept for coming back. */
  address: string;
  filter: TaskFilter;
  order: TaskOrder;
  /** The filter in words; "" where there is none. */
  words: string;
  kept: Kept | null;
  /** What stands there when nothing matches. */
  empty: ReactNode;
}

/** Give it a `key` made from its filter: another filter is another list. */
export function TaskList({ address, filter, order, words, kept, empty }: TaskListProps) {
  const client = useClient();
  const {
    list,
    tell,
    rows,
    reach,
    missed,
    cursor,
    isReading,
    isSearching,
    error,
    total: all,
  } = useTaskList(filter, order, kept);
  const [selection, select] = useSelection(rows, kept?.selection ?? NOTHING);
  const { pages } = list;
  // Only the pages in sight are kept up to date; the others are when they come into sight.
  const [seen, setSeen] = useState<readonly (string | null)[]>([null]);
  const onSight = useCallback(
    (first: number, last: number) => {
      const next = lookedAt(pages, first, last);
      setSeen((now) => (now.join() === next.join() ? now : next));
      reach(last);
    },
    [pages, reach],
  );
  const onLeave = (scrollY: number, active: string | null) =>
    keepList(client, address, { list, selection, cursor: cursor.current, scrollY, active });
  const showFresh = () => {
    tell({ type: "restarted" });
    window.scrollTo(0, 0);
  };

  const isRead = pages[0]?.rows != null;
  const isEmpty = isRead && rows.length === 0 && !isSearching;
  return (
    <>
      {pages.map(
        ({ after, rows }) =>
          (rows === null || seen.includes(after)) && (
            <PageFeed
              key={`${list.start} ${list.reading} ${after ?? ""}`}
              list={list}
              after={after}
              onEvent={tell}
            />
          ),
      )}
      <div className="list-head task-list-head">
        <span className="faint figures" role="status">
          {!isEmpty && <Amount total={all} isSearching={isSearching} />}
        </span>
        {isRead && <FreshChip amount={list.fresh.size} onShow={showFresh} />}
      </div>
      <div className="card">
        {isEmpty ? (
          empty
        ) : (
          <TaskTable
            rows={rows}
            total={all?.isExact === true ? all.atLeast : null}
            selection={selection}
            select={select}
            isReading={isReading}
            error={error}
            onRetry={missed}
            onSight={onSight}
            from={kept}
            onLeave={onLeave}
          />
        )}
      </div>
      <BulkBar
        filter={filterOfAll(list)}
        words={order === "DEADLINE" ? [words, "with a deadline"].filter(Boolean).join(", ") : words}
        total={all}
        {...{ selection, select, rows }}
      />
    </>
  );
}

function Amount({ total, isSearching }: { total: Total | null; isSearching: boolean }) {
  if (isSearching && (total === null || total.atLeast === 0)) return "Searching…";
  if (total === null) return null;
  return `${wordsOfTotal(total)}${isSearching ? ", searching on…" : ""}`;
}

function FreshChip({ amount, onShow }: { amount: number; onShow: () => void }) {
  if (amount === 0) return null;
  return (
    <button type="button" className="chip-new" onClick={onShow}>
      <ArrowUp size={14} aria-hidden />
      {count(amount)}
      {amount >= MOST_GATHERED && "+"} new
    </button>
  );
}
