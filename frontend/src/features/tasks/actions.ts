/** What can be done to a task: the mutations, and the words after them. */
import { useClient } from "urql";
import { watchOf } from "@/features/bulk/watch";
import { useAct } from "@/graphql/act";
import { graphql, type TaskStatus } from "@/graphql/graphql";
import { told } from "@/ui/toast";

const CancelMutation = graphql(`
  mutation CancelTask($id: ID!) {
    cancelTask(id: $id) {
      task {
        id
        status
        finishedAt
        version
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const RetryMutation = graphql(`
  mutation RetryTask($id: ID!) {
    retryTask(id: $id) {
      task {
        id
        status
        finishedAt
        version
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

/** Both say in a toast how it went. */
export function useTaskActions(id: string) {
  const client = useClient();
  const cancelling = useAct(CancelMutation);
  const retrying = useAct(RetryMutation);
  const cancel = async () => {
    const outcome = await cancelling.act({ id });
    const status = outcome.data?.cancelTask.task?.status;
    const words = status === "CANCELLED" ? "The task is cancelled." : "The task is being cancelled.";
    const isDone = told(outcome, words);
    if (isDone) watchOf(client).touched(id);
    return isDone;
  };
  const retry = async () => {
    const link = { href: `/tasks/${id}`, words: "Watch it" };
    const outcome = await retrying.act({ id });
    if (told(outcome, wordsOfRetry(outcome.data?.retryTask.task?.status), link)) watchOf(client).touched(id);
  };
  return { cancel, retry, isBusy: cancelling.isBusy || retrying.isBusy };
}

function wordsOfRetry(status: TaskStatus | undefined): string {
  if (status === "SCHEDULED") return "The task waits for its time again.";
  return status === "BLOCKED" ? "The task waits for others again." : "The task runs again.";
}
