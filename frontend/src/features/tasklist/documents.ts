/** What the list of tasks asks the server. */
import { graphql, type ResultOf, type VariablesOf } from "@/graphql/graphql";
import { TaskRow_task } from "./TaskRow";

export const TaskPageQuery = graphql(
  `
    query TaskListPage($filter: TaskFilter, $orderBy: TaskOrder, $after: String, $isFirst: Boolean!) {
      liveCursor @include(if: $isFirst)
      tasks(filter: $filter, orderBy: $orderBy, first: 100, after: $after) {
        nodes {
          id
          createdAt
          status
          viewerMayChange
          ...TaskRow_task
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [TaskRow_task],
);

/** Apart from the pages: counted while its page is read, and where that takes long, no further than it goes in a moment. */
export const TaskCountQuery = graphql(`
  query TaskListCount($filter: TaskFilter, $orderBy: TaskOrder) {
    tasks(filter: $filter, orderBy: $orderBy, first: 1) {
      total {
        atLeast
        isExact
      }
    }
  }
`);

export const TaskListChanged = graphql(
  `
    subscription TaskListChanged($filter: TaskFilter, $after: String) {
      tasksChanged(filter: $filter, after: $after) {
        tasks {
          id
          createdAt
          status
          priority
          ...TaskRow_task
        }
        cursor
        isReset
      }
    }
  `,
  [TaskRow_task],
);

/** Those that came while nobody was told. */
export const NewerTasksQuery = graphql(`
  query TaskListNewer($filter: TaskFilter) {
    tasks(filter: $filter, first: 200) {
      nodes {
        id
        createdAt
      }
    }
  }
`);

type Variables = VariablesOf<typeof TaskPageQuery>;
export type TaskFilter = NonNullable<Variables["filter"]>;
export type TaskOrder = NonNullable<Variables["orderBy"]>;
export type ListedTask = ResultOf<typeof TaskPageQuery>["tasks"]["nodes"][number];
export type ChangedTask = ResultOf<typeof TaskListChanged>["tasksChanged"]["tasks"][number];
