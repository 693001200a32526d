/** One task as a row of the table, or as a card where there is little room. */
import { Ban, RotateCcw } from "lucide-react";
import { memo, useState } from "react";
import { Link } from "wouter";
import { useBulk } from "@/features/bulk/useBulk";
import { isFinal, mayRetry, STATUS } from "@/features/tasks/looks";
import { useTaskActions } from "@/features/tasks/actions";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { shortId } from "@/lib/format";
import { Mark } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Elapsed, RelativeTime } from "@/ui/Time";

export const TaskRow_task = graphql(`
  fragment TaskRow_task on Task {
    id
    title
    status
    priority
    isLate
    progress
    createdAt
    startedAt
    finishedAt
    viewerMayChange
    version
    queue {
      id
      name
    }
  }
`);

interface TaskRowProps {
  task: FragmentOf<typeof TaskRow_task>;
  /** Counted from 1, the table's head. */
  rowIndex: number;
  isSelected: boolean;
  onSelect: (id: string, isRange: boolean) => void;
}

/** Thousands of them pass by while one scrolls: it is drawn again only where something of it changed. */
export const TaskRow = memo(function TaskRow({ task: data, rowIndex, isSelected, onSelect }: TaskRowProps) {
  const task = readFragment(TaskRow_task, data);
  const [first] = useState(task.status);
  return (
    <tr data-id={task.id} aria-rowindex={rowIndex} className={isSelected ? "selected" : undefined}>
      <Pick
        id={task.id}
        title={task.title}
        isSelected={isSelected}
        onSelect={task.viewerMayChange ? onSelect : null}
      />
      <td className="task-status">
        <span key={task.status} className={task.status === first ? undefined : "glow"}>
          <Mark look={STATUS[task.status]} />
        </span>
      </td>
      <td className="task-cell">
        <Link href={`/tasks/${task.id}`} className="row-link task-title" title={task.title}>
          {task.title}
        </Link>
        <span className="mono faint task-id">{shortId(task.id)}</span>
      </td>
      <td className="task-queue soft clip">{task.queue.name}</td>
      <td className="task-priority number" data-name="Priority">
        {task.priority}
      </td>
      <td className="task-ran number soft">
        {task.startedAt ? (
          <Elapsed from={task.startedAt} to={task.finishedAt} />
        ) : (
          <span className="faint">—</span>
        )}
      </td>
      <td className="task-created number soft">
        <RelativeTime at={task.createdAt} />
      </td>
      <td className="task-acts">
        {task.viewerMayChange && <RowActions id={task.id} title={task.title} status={task.status} />}
      </td>
    </tr>
  );
});

interface PickProps {
  id: string;
  title: string;
  isSelected: boolean;
  /** null where nothing may be done to it. */
  onSelect: TaskRowProps["onSelect"] | null;
}

/** The checkbox; all of its cell belongs to it, for a finger. */
function Pick({ id, title, isSelected, onSelect }: PickProps) {
  if (onSelect === null) return <td className="task-pick" />;
  return (
    <td
      className="task-pick above"
      onMouseDown={(event) => {
        // The browser would select the text of all rows between.
        if (event.shiftKey) event.preventDefault();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onSelect(id, event.shiftKey);
      }}
    >
      <input
        type="checkbox"
        className="check"
        aria-label={`Select ${title}`}
        checked={isSelected}
        onChange={({ nativeEvent }) =>
          onSelect(id, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
        }
      />
    </td>
  );
}

interface RowActionsProps {
  id: string;
  title: string;
  status: keyof typeof STATUS;
}

function RowActions({ id, title, status }: RowActionsProps) {
  const { retry, isBusy } = useTaskActions(id);
  const bulk = useBulk();
  if (mayRetry(status))
    return (
      <Button
        look="quiet"
        isSmall
        icon={RotateCcw}
        isBusy={isBusy}
        title="Retry"
        aria-label={`Retry ${title}`}
        onClick={() => void retry()}
      />
    );
  if (isFinal(status)) return null;
  return (
    <Button
      look="quiet"
      isSmall
      icon={Ban}
      isBusy={bulk.isBusy}
      title="Cancel"
      aria-label={`Cancel ${title}`}
      // As one of many, for that can be undone.
      onClick={() => void bulk.begin("CANCEL", { ids: [id] }, "")}
    />
  );
}
