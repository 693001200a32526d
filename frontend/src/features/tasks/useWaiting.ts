/** Why a task waits, kept up to date: it changes with workers, limits and what is ahead, while the task itself does not. */
import { useEffect, useRef } from "react";
import { useClient } from "urql";
import { useChanges } from "@/graphql/changes";
import { graphql } from "@/graphql/graphql";
import { TaskNow_task } from "./TaskNow";

const WaitingQuery = graphql(
  `
    query TaskWaiting($id: ID!) {
      task(id: $id) {
        ...TaskNow_task
      }
    }
  `,
  [TaskNow_task],
);

/** Also where only the depth of a queue changed: then something ahead has begun, or has come. */
const QueuesMoved = graphql(`
  subscription TaskWaitingQueues {
    queuesChanged {
      id
    }
  }
`);

const WorkersMoved = graphql(`
  subscription TaskWaitingWorkers {
    workersChanged {
      id
    }
  }
`);

const EVERY_MS = 1_500;

export function useWaiting(id: string, isWaiting: boolean): void {
  const client = useClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [id, isWaiting],
  );
  // Not put off by what comes next: a busy queue moves all the time.
  const askSoon = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.query(WaitingQuery, { id }, { requestPolicy: "network-only" }).toPromise();
    }, EVERY_MS);
  };
  useChanges({ query: QueuesMoved, variables: {}, isOff: !isWaiting }, askSoon);
  useChanges({ query: WorkersMoved, variables: {}, isOff: !isWaiting }, askSoon);
}
