/** What a task is, how it stands, and what can be done to it. */
import { Ban, CalendarClock, CopyPlus, RotateCcw } from "lucide-react";
import { useState } from "react";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { Badge } from "@/ui/Badge";
import { Button, ButtonLink } from "@/ui/Button";
import { CopyId } from "@/ui/CopyId";
import { Confirm } from "@/ui/Dialog";
import { useTaskActions } from "./actions";
import { isFinal, mayMove, mayRetry, STATUS } from "./looks";
import { RescheduleDialog, RescheduleDialog_task } from "./RescheduleDialog";

export const TaskHead_task = graphql(
  `
    fragment TaskHead_task on Task {
      id
      title
      function
      status
      isLate
      viewerMayChange
      ...RescheduleDialog_task
    }
  `,
  [RescheduleDialog_task],
);

export function TaskHead({ task: data }: { task: FragmentOf<typeof TaskHead_task> }) {
  const task = readFragment(TaskHead_task, data);
  const [asking, setAsking] = useState<"cancel" | "reschedule" | null>(null);
  const { cancel, retry, isBusy } = useTaskActions(task.id);
  const close = () => setAsking(null);
  return (
    <div className="task-head">
      <div className="task-head-title">
        <h1>{task.title}</h1>
        <Badge look={STATUS[task.status]} note={task.isLate ? "late" : undefined} />
      </div>
      <CopyId id={task.id} isWhole />
      <div className="page-actions task-head-actions">
        {task.viewerMayChange && mayRetry(task.status) && (
          <Button look="primary" icon={RotateCcw} isBusy={isBusy} onClick={() => void retry()}>
            Retry
          </Button>
        )}
        {task.viewerMayChange && mayMove(task.status) && (
          <Button icon={CalendarClock} onClick={() => setAsking("reschedule")}>
            Reschedule
          </Button>
        )}
        {task.function !== null && (
          <ButtonLink icon={CopyPlus} href={`/submit?from=${task.id}`}>
            Edit and run again
          </ButtonLink>
        )}
        {task.viewerMayChange && !isFinal(task.status) && (
          <Button look="danger" icon={Ban} isBusy={isBusy} onClick={() => setAsking("cancel")}>
            Cancel
          </Button>
        )}
      </div>
      {asking === "cancel" && (
        <Confirm
          title="Cancel this task?"
          action="Cancel the task"
          isBusy={isBusy}
          onClose={close}
          onConfirm={() => void cancel().then(close)}
        >
          {task.status === "RUNNING"
            ? "Its function is stopped where it stands. What it has done already is not undone."
            : "It has not started, and will not."}
        </Confirm>
      )}
      {asking === "reschedule" && <RescheduleDialog task={task} onClose={close} />}
    </div>
  );
}
