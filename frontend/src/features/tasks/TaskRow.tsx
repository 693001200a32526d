/** One task as a row of a table, or as a card where there is little room. */
import { Ban, RotateCcw } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { shortId } from "@/lib/format";
import { Mark } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Elapsed, RelativeTime } from "@/ui/Time";
import { useTaskActions } from "./actions";
import { isFinal, mayRetry, STATUS } from "./looks";

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

export function TaskRow({ task: data }: { task: FragmentOf<typeof TaskRow_task> }) {
  const task = readFragment(TaskRow_task, data);
  const [first] = useState(task.status);
  return (
    <tr>
      <td className="task-status">
        <span key={task.status} className={task.status === first ? undefined : "glow"}>
          <Mark look={STATUS[task.status]} />
        </span>
      </td>
      <td className="task-cell">
        <Link href={`/tasks/${task.id}`} className="row-link task-title">
          {task.title}
        </Link>
        <span className="mono faint task-id">{shortId(task.id)}</span>
      </td>
      <td data-name="Queue" className="soft">
        {task.queue.name}
      </td>
      <td data-name="Priority" className="number">
        {task.priority}
      </td>
      <td data-name="Ran" className="number soft">
        {task.startedAt ? (
          <Elapsed from={task.startedAt} to={task.finishedAt} />
        ) : (
          <span className="faint">—</span>
        )}
      </td>
      <td className="number soft task-created">
        <RelativeTime at={task.createdAt} />
      </td>
      <td className="task-acts">
        <RowActions id={task.id} title={task.title} status={task.status} mayChange={task.viewerMayChange} />
      </td>
    </tr>
  );
}

interface RowActionsProps {
  id: string;
  title: string;
  status: keyof typeof STATUS;
  mayChange: boolean;
}

function RowActions({ id, title, status, mayChange }: RowActionsProps) {
  const { cancel, retry, isBusy } = useTaskActions(id);
  if (!mayChange) return null;
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
      isBusy={isBusy}
      title="Cancel"
      aria-label={`Cancel ${title}`}
      onClick={() => void cancel()}
    />
  );
}
