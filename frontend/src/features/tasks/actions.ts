/** What can be done to a task: the mutations, and the words after them. */
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
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
  const cancelling = useAct(CancelMutation);
  const retrying = useAct(RetryMutation);
  const cancel = async () => {
    return told(await cancelling.act({ id }), "The task is being cancelled.");
  };
  const retry = async () => {
    const link = { href: `/tasks/${id}`, words: "Watch it" };
    told(await retrying.act({ id }), "The task runs again.", link);
  };
  return { cancel, retry, isBusy: cancelling.isBusy || retrying.isBusy };
}
