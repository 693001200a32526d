/** Begins actions on many tasks; what was begun is followed to its end. */
import { useClient } from "urql";
import { useAct } from "@/graphql/act";
import type { VariablesOf } from "@/graphql/graphql";
import { toast } from "@/ui/toast";
import {
  CancelTasks,
  DeleteTasks,
  RescheduleTasks,
  RetryTasks,
  UndoBulkAction,
  type BulkAction,
} from "./documents";
import type { Choice } from "./kinds";
import { watchOf } from "./watch";

type Which = VariablesOf<typeof CancelTasks>;
export type Place = Omit<VariablesOf<typeof RescheduleTasks>, "ids" | "filter">;

/** `begin` answers whether it was begun; the words of a refusal are shown by itself, unless they belong to a field. */
export function useBulk() {
  const cancel = useAct(CancelTasks);
  const retry = useAct(RetryTasks);
  const remove = useAct(DeleteTasks);
  const move = useAct(RescheduleTasks);
  const watch = watchOf(useClient());

  const begin = async (
    choice: Choice,
    which: Which,
    /** What it leaves out, to be told when it has ended. */
    note: string,
    place: Place = {},
  ): Promise<boolean> => {
    const answered = await ask(choice, which, place);
    if (answered.errors) {
      toast.bad(answered.errors[0].message);
      return false;
    }
    for (const { action } of Object.values(answered.data))
      if (action) watch.follow(action, note, which.ids ?? undefined);
    return true;
  };
  const ask = async (choice: Choice, which: Which, place: Place) => {
    switch (choice) {
      case "CANCEL":
        return cancel.act(which);
      case "RETRY":
        return retry.act(which);
      case "DELETE":
        return remove.act(which);
      case "RESCHEDULE":
        return move.act({ ...which, ...place });
    }
  };
  return { begin, isBusy: cancel.isBusy || retry.isBusy || remove.isBusy || move.isBusy };
}

/** Puts back what an action changed; that is an action in its turn. */
export function useUndo() {
  const { act, isBusy } = useAct(UndoBulkAction);
  const watch = watchOf(useClient());
  const undo = async ({ id, kind, done, undoable }: BulkAction): Promise<boolean> => {
    const { data, errors } = await act({ id });
    if (errors) {
      toast.bad(errors[0].message);
      return false;
    }
    watch.putAway(id);
    const note =
      kind === "CANCEL" && undoable < done ? "What had begun when it was cancelled stays cancelled." : "";
    if (data.undoBulkAction.action) watch.follow(data.undoBulkAction.action, note);
    return true;
  };
  return { undo, isBusy };
}
