/** Another priority, another time, another deadline for what has not started. */
import { useState, type SubmitEvent } from "react";
import { useClient } from "urql";
import { watchOf } from "@/features/bulk/watch";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { present } from "@/lib/now";
import { instantOf, localOf } from "@/lib/time";
import { NOTHING, placed } from "@/lib/errorpaths";
import { Dialog, FormActions } from "@/ui/Dialog";
import { Errors, Input, Select } from "@/ui/Field";
import { HALF_A_DATE, halfDates } from "@/ui/halfdates";
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
  const [refused, setRefused] = useState(NOTHING);
  const { act, isBusy } = useAct(RescheduleMutation);
  const watch = watchOf(useClient());

  const save = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const halves = halfDates(event.currentTarget);
    if (halves.length > 0) {
      setRefused({ at: Object.fromEntries(halves.map((name) => [name, HALF_A_DATE])), rest: [] });
      return;
    }
    if (deadline === "" && task.deadline !== null) {
      setRefused({ at: { deadline: "A deadline can be moved, not taken away." }, rest: [] });
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
      setRefused(placed(errors, ["priority", "runAt", "deadline"]));
      return;
    }
    watch.touched(task.id);
    toast.good("The task is rescheduled.");
    onClose();
  };
  return (
    <Dialog title="Reschedule" onClose={onClose}>
      <form className="dialog-form" noValidate onSubmit={(event) => void save(event)}>
        <Select
          label="Priority"
          help="10 goes first."
          options={PRIORITY_OPTIONS}
          value={priority}
          error={refused.at["priority"]}
          onChange={(event) => setPriority(event.target.value)}
        />
        <Input
          type="datetime-local"
          name="runAt"
          label="Not before"
          help="Empty: at once."
          value={runAt}
          error={refused.at["runAt"]}
          onChange={(event) => setRunAt(event.target.value)}
        />
        <Input
          type="datetime-local"
          name="deadline"
          label="Deadline"
          value={deadline}
          error={refused.at["deadline"]}
          onChange={(event) => setDeadline(event.target.value)}
        />
        <Errors of={refused.rest} />
        <FormActions action="Reschedule" isBusy={isBusy} onClose={onClose} />
      </form>
    </Dialog>
  );
}
