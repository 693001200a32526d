/** Starts a pool, or changes one: how large it may be, what its workers take, and how long tasks should wait at most. */
import { useState } from "react";
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { CALLED, NOTHING, placed } from "@/lib/errorpaths";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Checkbox, Errors, Input } from "@/ui/Field";
import { toast } from "@/ui/toast";
import "./pools.css";

const StartMutation = graphql(`
  mutation StartPool($input: PoolInput!) {
    startPool(input: $input) {
      pool {
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

const UpdateMutation = graphql(`
  mutation UpdatePool($id: ID!, $input: PoolInput!) {
    updatePool(id: $id, input: $input) {
      pool {
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

export interface Wish {
  name: string;
  queues: string[];
  slotsPerWorker: string;
  minWorkers: string;
  maxWorkers: string;
  targetWaitSeconds: string;
  stealing: boolean;
  dryRun: boolean;
}

export const NEW_POOL: Wish = {
  name: "",
  queues: [],
  slotsPerWorker: "5",
  minWorkers: "1",
  maxWorkers: "4",
  targetWaitSeconds: "10",
  stealing: true,
  dryRun: false,
};

interface PoolFormProps {
  /** The pool that is changed; none: a new one is started. */
  id?: string;
  wish: Wish;
  queues: readonly string[];
  onClose: () => void;
}

const NUMBERS = [
  { key: "minWorkers", help: "0: it sleeps while idle.", min: 0, max: 500 },
  { key: "maxWorkers", help: "It never grows beyond.", min: 1, max: 500 },
  {
    key: "slotsPerWorker",
    help: "Tasks that each runs at once.",
    min: 1,
    max: 1_000,
  },
  {
    key: "targetWaitSeconds",
    help: "Where tasks would wait longer, it grows.",
    min: 0.1,
    max: 86_400,
  },
] as const;

export function PoolForm({ id, wish: first, queues, onClose }: PoolFormProps) {
  const [wish, setWish] = useState(first);
  const [refused, setRefused] = useState(NOTHING);
  const starting = useAct(StartMutation);
  const updating = useAct(UpdateMutation);
  const put = (more: Partial<Wish>) => setWish((before) => ({ ...before, ...more }));
  const save = async () => {
    const input = {
      ...(wish.name !== "" && { name: wish.name }),
      // Left out, a pool keeps what it had: those of its functions, too, which are shown here by name.
      ...((id === undefined || wish.queues.join() !== first.queues.join()) && { queues: wish.queues }),
      slotsPerWorker: Number(wish.slotsPerWorker),
      minWorkers: Number(wish.minWorkers),
      maxWorkers: Number(wish.maxWorkers),
      targetWaitSeconds: Number(wish.targetWaitSeconds),
      stealing: wish.stealing,
      dryRun: wish.dryRun,
    };
    const outcome = id === undefined ? await starting.act({ input }) : await updating.act({ id, input });
    if (outcome.errors) {
      setRefused(placed(outcome.errors, ["name", "queues", ...NUMBERS.map(({ key }) => key)]));
      return;
    }
    toast.good(id === undefined ? "The pool is started." : "The pool is changed.");
    onClose();
  };
  const isNew = id === undefined;
  return (
    <Dialog
      title={isNew ? "Start a pool" : `Change ${first.name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button look="primary" isBusy={starting.isBusy || updating.isBusy} onClick={() => void save()}>
            {isNew ? "Start the pool" : "Change the pool"}
          </Button>
        </>
      }
    >
      <Input
        label="Name"
        hint={isNew ? "optional" : undefined}
        help={isNew ? "The name of a stopped pool starts it again." : undefined}
        value={wish.name}
        error={refused.at["name"]}
        onChange={(event) => put({ name: event.target.value })}
      />
      <div className="pool-numbers">
        {NUMBERS.map(({ key, help, min, max }) => (
          <Input
            key={key}
            type="number"
            label={CALLED[key]}
            help={help}
            min={min}
            max={max}
            step={key === "targetWaitSeconds" ? "any" : 1}
            value={wish[key]}
            error={refused.at[key]}
            onChange={(event) => put({ [key]: event.target.value })}
          />
        ))}
      </div>
      <fieldset className="pool-queues">
        <legend className="field-label">Queues</legend>
        {queues.map((name) => (
          <Checkbox
            key={name}
            label={name}
            checked={wish.queues.includes(name)}
            onChange={(event) =>
              put({
                queues: event.target.checked
                  ? [...wish.queues, name]
                  : wish.queues.filter((each) => each !== name),
              })
            }
          />
        ))}
        <p className="field-help">None chosen: those that its functions stand in.</p>
        {refused.at["queues"] !== undefined && (
          <p className="field-error" role="alert">
            {refused.at["queues"]}
          </p>
        )}
      </fieldset>
      <Checkbox
        label="Steal when idle"
        help="Its workers take from others' lanes."
        checked={wish.stealing}
        onChange={(event) => put({ stealing: event.target.checked })}
      />
      <Checkbox
        label="Dry run"
        help="Its size stays; its decisions only say what would have been done."
        checked={wish.dryRun}
        onChange={(event) => put({ dryRun: event.target.checked })}
      />
      <Errors of={refused.rest} />
    </Dialog>
  );
}
