/** Actions on many tasks: what is asked, and what the server tells of them. */
import { graphql, type ResultOf, type VariablesOf } from "@/graphql/graphql";

export const BulkAction_parts = graphql(`
  fragment BulkAction_parts on BulkAction @_unmask {
    id
    kind
    status
    total
    done
    failed
    stopped
    undoable
    undoes
    undoneBy
  }
`);

const BulkAnswer = graphql(
  `
    fragment BulkAnswer on BulkActionPayload @_unmask {
      action {
        ...BulkAction_parts
      }
      errors {
        code
        message
        path
      }
    }
  `,
  [BulkAction_parts],
);

export const CancelTasks = graphql(
  `
    mutation CancelTasks($ids: [ID!], $filter: TaskFilter) {
      cancelTasks(ids: $ids, filter: $filter) {
        ...BulkAnswer
      }
    }
  `,
  [BulkAnswer],
);

export const RetryTasks = graphql(
  `
    mutation RetryTasks($ids: [ID!], $filter: TaskFilter) {
      retryTasks(ids: $ids, filter: $filter) {
        ...BulkAnswer
      }
    }
  `,
  [BulkAnswer],
);

export const DeleteTasks = graphql(
  `
    mutation DeleteTasks($ids: [ID!], $filter: TaskFilter) {
      deleteTasks(ids: $ids, filter: $filter) {
        ...BulkAnswer
      }
    }
  `,
  [BulkAnswer],
);

export const RescheduleTasks = graphql(
  `
    mutation RescheduleTasks(
      $ids: [ID!]
      $filter: TaskFilter
      $priority: Int
      $runAt: DateTime
      $deadline: DateTime
    ) {
      rescheduleTasks(ids: $ids, filter: $filter, priority: $priority, runAt: $runAt, deadline: $deadline) {
        ...BulkAnswer
      }
    }
  `,
  [BulkAnswer],
);

export const UndoBulkAction = graphql(
  `
    mutation UndoBulkAction($id: ID!) {
      undoBulkAction(id: $id) {
        ...BulkAnswer
      }
    }
  `,
  [BulkAnswer],
);

export const BulkActionChanged = graphql(
  `
    subscription BulkActionChanged($id: ID!) {
      bulkActionChanged(id: $id) {
        ...BulkAction_parts
      }
    }
  `,
  [BulkAction_parts],
);

export const BulkActionsQuery = graphql(
  `
    query BulkActions($first: Int!) {
      bulkActions(first: $first) {
        ...BulkAction_parts
        createdAt
        owner {
          id
          username
        }
      }
    }
  `,
  [BulkAction_parts],
);

export const BulkActionQuery = graphql(
  `
    query BulkActionShown($id: ID!) {
      bulkAction(id: $id) {
        ...BulkAction_parts
        createdAt
        finishedAt
        failures {
          taskId
          message
        }
        owner {
          id
          username
        }
      }
    }
  `,
  [BulkAction_parts],
);

/** How many of those that match an action is for, how many of those run, and how many match. */
export const AmountsQuery = graphql(`
  query Amounts($filter: TaskFilter, $running: TaskFilter, $whole: TaskFilter) {
    able: tasks(filter: $filter, first: 1) {
      totalCount
    }
    running: tasks(filter: $running, first: 1) {
      totalCount
    }
    whole: tasks(filter: $whole, first: 1) {
      totalCount
    }
  }
`);

export type BulkAction = ResultOf<typeof BulkAction_parts>;
export type TaskFilter = NonNullable<VariablesOf<typeof AmountsQuery>["filter"]>;
