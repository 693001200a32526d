/** What bounds how much of a queue runs at once and starts in a period. */
import { Gauge, Plus } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf, type ResultOf } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { count } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Confirm } from "@/ui/Dialog";
import { Empty } from "@/ui/states";
import { told } from "@/ui/toast";
import { LimitDialog } from "./LimitDialog";
import { boundsOf, scopeOf } from "./limits";
import "@/ui/table.css";

export const QueueLimits_queue = graphql(`
  fragment QueueLimits_queue on Queue {
    name
    limits {
      id
      function
      perKey
      maxRunning
      maxStarts
      periodSeconds
      runningCount
      heldBackCount
    }
  }
`);

const RemoveMutation = graphql(`
  mutation RemoveLimit($id: ID!) {
    removeLimit(id: $id) {
      id
      errors {
        code
        message
        path
      }
    }
  }
`);

interface QueueLimitsProps {
  queue: FragmentOf<typeof QueueLimits_queue>;
  /** The functions whose tasks stand in it. */
  functions: readonly string[];
}

export type Limit = ResultOf<typeof QueueLimits_queue>["limits"][number];

export function QueueLimits({ queue: data, functions }: QueueLimitsProps) {
  const { name, limits } = readFragment(QueueLimits_queue, data);
  const { isAdmin } = useViewer();
  const [editing, setEditing] = useState<Limit | "new" | null>(null);
  const [leaving, setLeaving] = useState<Limit | null>(null);
  return (
    <Card
      title="Limits"
      isFlush
      aside={
        isAdmin && (
          <Button isSmall icon={Plus} onClick={() => setEditing("new")}>
            Set a limit
          </Button>
        )
      }
    >
      {limits.length === 0 ? (
        <Empty icon={Gauge} title="No limits">
          A limit bounds how many tasks run at once, or start in a period: of the whole queue, of one
          function, or of each limit key of a function. What it holds back waits and blocks nobody.
        </Empty>
      ) : (
        <table className="table table-cards">
          <thead>
            <tr>
              <th scope="col">Of</th>
              <th scope="col">At most</th>
              <th scope="col" className="number">
                Running
              </th>
              <th scope="col" className="number">
                Held back
              </th>
              {isAdmin && (
                <th scope="col">
                  <span className="hidden-text">Actions</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {limits.map((limit) => (
              <tr key={limit.id}>
                <td>{scopeOf(limit)}</td>
                <td data-name="At most" className="soft">
                  {boundsOf(limit)}
                </td>
                <td data-name="Running" className="number">
                  {limit.runningCount === null ? "—" : count(limit.runningCount)}
                </td>
                <td data-name="Held back" className="number">
                  {limit.heldBackCount === null ? "—" : count(limit.heldBackCount)}
                </td>
                {isAdmin && (
                  <td className="number limit-acts">
                    <Button isSmall look="quiet" onClick={() => setEditing(limit)}>
                      Change
                    </Button>
                    <Button isSmall look="danger" onClick={() => setLeaving(limit)}>
                      Remove
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {editing && (
        <LimitDialog
          queue={name}
          functions={functions}
          limit={editing === "new" ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
      {leaving && <Remove limit={leaving} onClose={() => setLeaving(null)} />}
    </Card>
  );
}

function Remove({ limit, onClose }: { limit: Limit; onClose: () => void }) {
  const { act, isBusy } = useAct(RemoveMutation);
  const remove = async () => {
    told(await act({ id: limit.id }), "The limit is removed; what it held back goes on.");
    onClose();
  };
  return (
    <Confirm
      title="Remove this limit?"
      action="Remove the limit"
      isBusy={isBusy}
      onClose={onClose}
      onConfirm={() => void remove()}
    >
      {scopeOf(limit)}: {boundsOf(limit)}. What it holds back may start at once.
    </Confirm>
  );
}
