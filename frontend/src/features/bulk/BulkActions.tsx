/** How far each action is that was begun here; when it has ended, how it went, and the way back. */
import { Check, LoaderCircle, TriangleAlert, Undo2, X } from "lucide-react";
import { useEffect } from "react";
import { useQuery } from "urql";
import { Link, useSearch } from "wouter";
import { useViewer } from "@/graphql/viewer";
import { Button } from "@/ui/Button";
import { BulkActionsQuery, type BulkAction } from "./documents";
import { isGood, wordsOfAction } from "./kinds";
import { Progress } from "./Progress";
import { useUndo } from "./useBulk";
import { addressOfAction, useWatch } from "./watch";

export function BulkActions() {
  const { actions, watch } = useWatch();
  const own = useViewer().user.id;
  // After the page was loaded anew, what was begun before goes on.
  const [{ data }] = useQuery({ query: BulkActionsQuery, variables: { first: 5 } });
  useEffect(() => {
    for (const action of data?.bulkActions ?? [])
      if (action.status === "RUNNING" && action.owner?.id === own) watch.follow(action);
  }, [data, own, watch]);
  return (
    <div className="bulk-actions" aria-label="Actions on many tasks" role="group">
      {actions.map((action) => (
        <Doing
          key={action.id}
          action={action}
          note={watch.noteOf(action)}
          onPutAway={() => watch.putAway(action.id)}
        />
      ))}
    </div>
  );
}

interface DoingProps {
  action: BulkAction;
  note: string;
  onPutAway: () => void;
}

function Doing({ action, note, onPutAway }: DoingProps) {
  const list = useSearch();
  const { undo, isBusy } = useUndo();
  const isRunning = action.status === "RUNNING";
  const hue = isRunning ? "working" : isGood(action) ? "good" : "bad";
  const Icon = isRunning ? LoaderCircle : isGood(action) ? Check : TriangleAlert;
  return (
    <div className={`doing hue-${hue}`}>
      <Icon size={16} aria-hidden className={isRunning ? "turning" : undefined} />
      <div className="doing-words">
        <span className="figures" role="status">
          {wordsOfAction(action)}
        </span>
        {note !== "" && <span className="faint">{note}</span>}
        {isRunning && <Progress action={action} />}
      </div>
      {action.undoable > 0 && (
        <Button isSmall icon={Undo2} isBusy={isBusy} onClick={() => void undo(action)}>
          Undo
        </Button>
      )}
      <Link className="link" href={addressOfAction(action.id, list)}>
        Details
      </Link>
      {!isRunning && <Button look="quiet" isSmall icon={X} aria-label="Put this away" onClick={onPutAway} />}
    </div>
  );
}
