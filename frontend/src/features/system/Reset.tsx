/** Deletes all tasks, after the words for it were typed; says what goes, what stays, and how far it is. */
import { Trash2 } from "lucide-react";
import { useState, type SubmitEvent } from "react";
import { useSubscription } from "urql";
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { count } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Dialog } from "@/ui/Dialog";
import { Input } from "@/ui/Field";
import { Meter } from "@/ui/Meter";

export const RESET_WORDS = "delete all tasks";

const ResetMutation = graphql(`
  mutation ResetSystem($confirm: String!) {
    resetSystem(confirm: $confirm) {
      action {
        id
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const ResetChanged = graphql(`
  subscription ResetChanged($id: ID!) {
    bulkActionChanged(id: $id) {
      id
      status
      total
      done
      stopped
    }
  }
`);

export function Reset() {
  const [isAsking, setAsking] = useState(false);
  const [actionId, setActionId] = useState<string | null>(null);
  return (
    <Card title="Reset">
      <p className="soft">
        Deletes all tasks, whatever they are doing, with their attempts, lines and results, and what the
        charts are drawn from. Accounts, queues, limits, schedules, pools, workers and the activity stay. It
        cannot be undone.
      </p>
      <div className="reset-act">
        <Button look="danger" icon={Trash2} onClick={() => setAsking(true)}>
          Delete all tasks
        </Button>
      </div>
      {actionId !== null && <Progress id={actionId} />}
      {isAsking && (
        <Ask
          onClose={() => setAsking(false)}
          onDone={(id) => {
            setActionId(id);
            setAsking(false);
          }}
        />
      )}
    </Card>
  );
}

function Ask({ onClose, onDone }: { onClose: () => void; onDone: (actionId: string) => void }) {
  const [words, setWords] = useState("");
  const [error, setError] = useState("");
  const { act, isBusy } = useAct(ResetMutation);
  const reset = async (event: SubmitEvent) => {
    event.preventDefault();
    const answer = await act({ confirm: words.trim() });
    if (answer.errors) setError(answer.errors[0].message);
    else if (answer.data.resetSystem.action) onDone(answer.data.resetSystem.action.id);
  };
  return (
    <Dialog title="Delete all tasks?" onClose={onClose}>
      <form className="dialog-form" noValidate onSubmit={(event) => void reset(event)}>
        <p className="soft">
          What runs is stopped, what waits is gone, results cannot be read any more. Workers go on and take
          what is submitted after it.
        </p>
        <Input
          autoFocus
          label={
            <>
              Type <span className="mono">{RESET_WORDS}</span>
            </>
          }
          autoComplete="off"
          value={words}
          error={error}
          onChange={(event) => setWords(event.target.value)}
        />
        <div className="dialog-actions">
          <Button onClick={onClose}>Keep them</Button>
          <Button type="submit" look="danger" isBusy={isBusy} disabled={words.trim() !== RESET_WORDS}>
            Delete all tasks
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Progress({ id }: { id: string }) {
  const [{ data }] = useSubscription({ query: ResetChanged, variables: { id } });
  const action = data?.bulkActionChanged;
  if (!action) return null;
  const words =
    action.stopped !== null
      ? `It was given up: ${action.stopped}`
      : action.status === "RUNNING"
        ? `${count(action.done)} of ${action.total === null ? "…" : count(action.total)} deleted`
        : `${count(action.done)} tasks are deleted.`;
  return (
    <div className="reset-progress" role="status">
      <span className="figures">{words}</span>
      {action.status === "RUNNING" && <Meter value={action.done} whole={action.total ?? 0} label="Deleted" />}
    </div>
  );
}
