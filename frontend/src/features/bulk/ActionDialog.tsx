/** One action on many tasks: how it went, to which tasks it could not be done and why, and the way back. */
import { Undo2 } from "lucide-react";
import { useQuery } from "urql";
import { Link, useSearch } from "wouter";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import type { ResultOf } from "@/graphql/graphql";
import { count, plural, shortId } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Broken, SkeletonRows } from "@/ui/states";
import { RelativeTime } from "@/ui/Time";
import { BulkActionChanged, BulkActionQuery } from "./documents";
import { wordsOfAction, wordsOfUndo } from "./kinds";
import { Progress } from "./Progress";
import { useUndo } from "./useBulk";
import { addressOfAction } from "./watch";

type Shown = NonNullable<ResultOf<typeof BulkActionQuery>["bulkAction"]>;

export function ActionDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const [{ data, error }, reread] = useQuery({ query: BulkActionQuery, variables: { id } });
  const action = data?.bulkAction;
  const isRunning = action?.status === "RUNNING";
  useChanges({ query: BulkActionChanged, variables: { id }, isOff: !isRunning }, ({ bulkActionChanged }) => {
    // What could not be done is told at the end.
    if (bulkActionChanged.status !== "RUNNING") reread({ requestPolicy: "network-only" });
  });
  return (
    <Dialog title={action ? wordsOfAction(action) : "An action on many tasks"} onClose={onClose} look="wide">
      {error && !data && (
        <Broken words={wordsOf(error)} onRetry={() => reread({ requestPolicy: "network-only" })} />
      )}
      {!data && !error && <SkeletonRows rows={3} />}
      {data && !action && <p className="soft">There is no such action any more: they are kept for a week.</p>}
      {action && <Action action={action} onUndone={onClose} />}
    </Dialog>
  );
}

function Action({ action, onUndone }: { action: Shown; onUndone: () => void }) {
  const { undo, isBusy } = useUndo();
  const { failures, failed, undoable, undoneBy, undoes } = action;
  return (
    <>
      <p className="soft">
        Asked for by {action.owner?.username ?? "somebody who is gone"} <RelativeTime at={action.createdAt} />
        {action.finishedAt !== null && (
          <>
            , ended <RelativeTime at={action.finishedAt} />
          </>
        )}
        .
      </p>
      {action.status === "RUNNING" && <Progress action={action} />}
      {action.stopped !== null && (
        <p className="field-error" role="alert">
          {action.stopped}
        </p>
      )}
      {failures.length > 0 && (
        <ul className="bulk-failures" aria-label="Tasks that it could not be done to">
          {failures.map(({ taskId, message }) => (
            <li key={taskId}>
              <Link className="link mono" href={`/tasks/${taskId}`}>
                {shortId(taskId)}
              </Link>
              <span>{message}</span>
            </li>
          ))}
          {failed > failures.length && <li className="faint">and {count(failed - failures.length)} more</li>}
        </ul>
      )}
      <Other id={undoneBy} words="It was undone" />
      <Other id={undoes} words="It undoes another" />
      {wordsOfUndo(action) !== "" && <p className="soft">{wordsOfUndo(action)}</p>}
      {undoable > 0 && (
        <div className="dialog-actions">
          <Button
            icon={Undo2}
            isBusy={isBusy}
            onClick={() => void undo(action).then((isBegun) => isBegun && onUndone())}
          >
            Put {plural(undoable, "task")} back
          </Button>
        </div>
      )}
    </>
  );
}

function Other({ id, words }: { id: string | null; words: string }) {
  const list = useSearch();
  if (id === null) return null;
  return (
    <p className="soft">
      {words}:{" "}
      <Link className="link" href={addressOfAction(id, list)}>
        look at that action
      </Link>
      .
    </p>
  );
}
