/** How long a queue keeps what has ended. */
import { useState, type SubmitEvent } from "react";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { duration } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Input } from "@/ui/Field";
import { toast } from "@/ui/toast";

export const QueueRetention_queue = graphql(`
  fragment QueueRetention_queue on Queue {
    name
    retentionDays
    keptDays
  }
`);

const RetentionMutation = graphql(`
  mutation SetQueueRetention($name: String!, $days: Float) {
    setQueueRetention(name: $name, days: $days) {
      queue {
        id
        retentionDays
        keptDays
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const DAY_MS = 86_400_000;

export function QueueRetention({ queue: data }: { queue: FragmentOf<typeof QueueRetention_queue> }) {
  const { name, retentionDays, keptDays } = readFragment(QueueRetention_queue, data);
  const { isAdmin } = useViewer();
  return (
    <Card title="Retention">
      <p className="soft">
        A task that has ended is kept for <strong>{duration(keptDays * DAY_MS)}</strong>, then deleted
        {retentionDays === null ? ", as Rota’s settings say." : "."}
      </p>
      {isAdmin && <RetentionForm key={retentionDays} name={name} days={retentionDays} />}
    </Card>
  );
}

function RetentionForm({ name, days }: { name: string; days: number | null }) {
  const [draft, setDraft] = useState(days === null ? "" : String(days));
  const [error, setError] = useState("");
  const { act, isBusy } = useAct(RetentionMutation);
  const set = async (next: number | null) => {
    setError("");
    const { errors } = await act({ name, days: next });
    if (errors) setError(errors[0].message);
    else toast.good(next === null ? `${name} keeps tasks as the settings say.` : `${name} is set.`);
  };
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const next = Number(draft);
    if (draft.trim() === "" || !(next > 0)) setError("A number of days, more than 0.");
    else void set(next);
  };
  return (
    <form className="line-form" noValidate onSubmit={save}>
      <Input
        label="Days"
        inputMode="decimal"
        placeholder="as the settings say"
        value={draft}
        error={error}
        onChange={(event) => setDraft(event.target.value)}
      />
      <Button type="submit" isBusy={isBusy}>
        Set
      </Button>
      {days !== null && (
        <Button look="quiet" isBusy={isBusy} onClick={() => void set(null)}>
          As the settings say
        </Button>
      )}
    </form>
  );
}
