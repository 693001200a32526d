/** What can be done to a task: the mutations, and the words after them. */
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { toast } from "@/ui/toast";

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
    const { errors } = await cancelling.act({ id });
    if (errors) toast.bad(errors[0].message);
    else toast.good("The task is being cancelled.");
    return errors === null;
  };
  const retry = async () => {
    const { errors } = await retrying.act({ id });
    if (errors) toast.bad(errors[0].message);
    else toast.good("The task runs again.", { href: `/tasks/${id}`, words: "Watch it" });
  };
  return { cancel, retry, isBusy: cancelling.isBusy || retrying.isBusy };
}
