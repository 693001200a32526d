/** Another priority, another time, another deadline for what has not started. */
import { useState } from "react";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { present } from "@/lib/now";
import { instantOf, localOf } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Input, Select } from "@/ui/Field";
import { toast } from "@/ui/toast";
import { PRIORITY_OPTIONS } from "./priorities";

export const RescheduleDialog_task = graphql(`
  fragment RescheduleDialog_task on Task {
    id
    priority
    runAt
    deadline
  }
`);

const RescheduleMutation = graphql(
  `
    mutation RescheduleTask($id: ID!, $priority: Int, $runAt: DateTime, $deadline: DateTime) {
      rescheduleTask(id: $id, priority: $priority, runAt: $runAt, deadline: $deadline) {
        task {
          ...RescheduleDialog_task
          status
          dueAt
          version
        }
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [RescheduleDialog_task],
);

interface RescheduleProps {
  task: FragmentOf<typeof RescheduleDialog_task>;
  onClose: () => void;
}

export function RescheduleDialog({ task: data, onClose }: RescheduleProps) {
  const task = readFragment(RescheduleDialog_task, data);
  const [priority, setPriority] = useState(String(task.priority));
  const [runAt, setRunAt] = useState(localOf(task.runAt));
  const [deadline, setDeadline] = useState(localOf(task.deadline));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const { act, isBusy } = useAct(RescheduleMutation);

  const save = async () => {
    if (deadline === "" && task.deadline !== null) {
      setErrors({ deadline: "A deadline can be moved, not taken away." });
      return;
    }
    const { errors } = await act({
      id: task.id,
      ...(Number(priority) !== task.priority && { priority: Number(priority) }),
      // Null would leave it as it is.
      ...(runAt !== localOf(task.runAt) && { runAt: instantOf(runAt) ?? new Date(present()).toISOString() }),
      ...(deadline !== localOf(task.deadline) && { deadline: instantOf(deadline) }),
    });
    if (errors) {
      setErrors(Object.fromEntries(errors.map(({ path, message }) => [path.at(-1) ?? "", message])));
      return;
    }
    toast.good("The task is rescheduled.");
    onClose();
  };
  const actions = (
    <>
      <Button onClick={onClose}>Leave it</Button>
      <Button look="primary" isBusy={isBusy} onClick={() => void save()}>
        Reschedule
      </Button>
    </>
  );
  return (
    <Dialog title="Reschedule" onClose={onClose} actions={actions}>
      <Select
        label="Priority"
        help="10 goes first."
        options={PRIORITY_OPTIONS}
        value={priority}
        error={errors["priority"]}
        onChange={(event) => setPriority(event.target.value)}
      />
      <Input
        type="datetime-local"
        label="Not before"
        help="Empty: at once."
        value={runAt}
        error={errors["runAt"]}
        onChange={(event) => setRunAt(event.target.value)}
      />
      <Input
        type="datetime-local"
        label="Deadline"
        value={deadline}
        error={errors["deadline"]}
        onChange={(event) => setDeadline(event.target.value)}
      />
      {errors[""] !== undefined && (
        <p className="field-error" role="alert">
          {errors[""]}
        </p>
      )}
    </Dialog>
  );
}
