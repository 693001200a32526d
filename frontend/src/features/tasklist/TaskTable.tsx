/** The rows of a list as a table of which only those in sight are drawn. */
import { useWindowVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from "react";
import { hasModifier } from "@/lib/keys";
import { useNarrow } from "@/lib/narrow";
import { Broken, Skeleton } from "@/ui/states";
import type { ListedTask } from "./documents";
import { isSelected, share, type Selection } from "@/features/bulk/selection";
import { TaskHead, COLUMNS } from "./TaskHead";
import { TaskRow } from "./TaskRow";
import type { Select } from "@/features/bulk/useSelection";
import { useActiveRow } from "./useActiveRow";

const ROW_PX = 36;
const CARD_PX = 72;
/** Drawn above and below of what is in sight, so that fast scrolling finds them there. */
const OVERSCAN = 12;
/** Rows that are on their way. */
const COMING = 12;

interface TaskTableProps {
  rows: readonly ListedTask[];
  /** All that match; null where nobody knows. */
  total: number | null;
  selection: Selection;
  select: Select;
  isReading: boolean;
  error: string | null;
  onRetry: () => void;
  /** From the first to the last row that is in sight. */
  onSight: (first: number, last: number) => void;
  /** Where it was left; null at the top. */
  from: { scrollY: number; active: string | null } | null;
  /** Told where it is left. */
  onLeave: (scrollY: number, active: string | null) => void;
}

export function TaskTable(props: TaskTableProps) {
  const { rows, total, selection, select, isReading, error, onRetry, onSight, from, onLeave } = props;
  const height = useNarrow() ? CARD_PX : ROW_PX;
  const body = useRef<HTMLTableSectionElement>(null);
  const top = useTop(body);
  const active = useActiveRow(rows, body, from?.active ?? null);
  const virtual = useWindowVirtualizer({
    count: rows.length + (isReading ? COMING : 0),
    estimateSize: () => height,
    overscan: OVERSCAN,
    scrollMargin: top,
    initialOffset: from?.scrollY ?? 0,
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) =>
      spread(startIndex - overscan, endIndex + overscan, count, active.index),
  });
  useLayoutEffect(() => {
    virtual.measure();
  }, [virtual, height]);
  useLayoutEffect(() => {
    if (from) window.scrollTo(0, from.scrollY);
  }, [from]);
  const left = useRef({ onLeave, active: active.id });
  useEffect(() => {
    left.current = { onLeave, active: active.id };
  });
  useEffect(() => () => left.current.onLeave(virtual.scrollOffset ?? 0, left.current.active), [virtual]);

  const items = virtual.getVirtualItems();
  const { startIndex: first = 0, endIndex: last = 0 } = virtual.range ?? {};
  useEffect(() => onSight(first, last), [onSight, first, last]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (hasModifier(event)) return;
    const { key } = event;
    if (key === "j" || key === "ArrowDown") active.move(1);
    else if (key === "k" || key === "ArrowUp") active.move(-1);
    else if (key.toLowerCase() === "x" && active.id !== null) select.one(active.id, event.shiftKey);
    else return;
    event.preventDefault();
    // The keys of the whole page mean the same, and know no rows that are not drawn.
    event.stopPropagation();
  };
  return (
    <table
      className="table table-rows task-table"
      aria-label="Tasks"
      aria-rowcount={total === null ? -1 : total + 1}
      style={{ "--row": `${height}px` } as CSSProperties}
    >
      <TaskHead
        share={share(selection, rows)}
        isSelectable={rows.some((row) => row.viewerMayChange)}
        onToggle={select.loaded}
      />
      <tbody ref={body} onKeyDown={onKeyDown} onFocus={active.onFocus}>
        {withGaps(items, virtual.getTotalSize(), top, (item) => {
          const task = rows[item.index];
          if (task === undefined) return <Coming key={`coming ${item.index}`} />;
          return (
            <TaskRow
              key={task.id}
              task={task}
              rowIndex={item.index + 2}
              isSelected={isSelected(selection, task.id)}
              onSelect={select.one}
            />
          );
        })}
        {error !== null && (
          <tr>
            <td colSpan={COLUMNS} className="cell-whole">
              <Broken words={error} onRetry={onRetry} />
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** How far down the page it begins; what stands above it may grow. */
function useTop(body: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const element = body.current;
    const page = element?.closest("main");
    if (element === null || page == null) return;
    const measure = () => setTop(Math.round(element.getBoundingClientRect().top + window.scrollY));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(page);
    return () => observer.disconnect();
  }, [body]);
  return top;
}

/** All from one to another, and the one that has the focus: out of the page it would lose it. */
function spread(from: number, to: number, count: number, active: number): number[] {
  const start = Math.max(0, from);
  const end = Math.min(count - 1, to);
  const range = Array.from({ length: Math.max(0, end - start + 1) }, (_, index) => start + index);
  if (active === -1 || active >= count || (active >= start && active <= end)) return range;
  return active < start ? [active, ...range] : [...range, active];
}

/** Rows, and between them as much room as those need that are not drawn. */
function withGaps(items: VirtualItem[], size: number, top: number, draw: (item: VirtualItem) => ReactNode) {
  const drawn: ReactNode[] = [];
  let end = 0;
  for (const item of items) {
    const start = item.start - top;
    if (start > end) drawn.push(<Gap key={`gap ${item.index}`} height={start - end} />);
    drawn.push(draw(item));
    end = item.end - top;
  }
  if (size > end) drawn.push(<Gap key="gap at the end" height={size - end} />);
  return drawn;
}

function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden className="gap">
      <td colSpan={COLUMNS} style={{ height }} />
    </tr>
  );
}

function Coming() {
  return (
    <tr aria-hidden className="coming">
      <td colSpan={COLUMNS}>
        <Skeleton height={12} width="62%" />
      </td>
    </tr>
  );
}
