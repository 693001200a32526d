/** The tasks that a task needs and that need it, two steps each way, and how they go on. */
import { useEffect, useRef, useState } from "react";
import { useQuery } from "urql";
import { useChanges } from "@/graphql/changes";
import { graphql, type ResultOf } from "@/graphql/graphql";
import { useOpening, useReread } from "@/graphql/live";
import type { Known } from "@/lib/taskgraph";

export const GraphNode_task = graphql(`
  fragment GraphNode_task on Task @_unmask {
    id
    title
    status
    createdAt
    function
    version
    queue {
      id
      name
    }
  }
`);

export type GraphNode = ResultOf<typeof GraphNode_task>;

/** One more than is shown says that there are more. */
const GraphQuery = graphql(
  `
    query TaskGraph($id: ID!) {
      liveCursor
      task(id: $id) {
        ...GraphNode_task
        dependsOn {
          ...GraphNode_task
          dependsOn {
            ...GraphNode_task
          }
        }
        dependents(first: 30) {
          ...GraphNode_task
          dependsOn {
            id
          }
          dependents(first: 10) {
            ...GraphNode_task
            dependsOn {
              id
            }
          }
        }
      }
    }
  `,
  [GraphNode_task],
);

const GraphChanged = graphql(`
  subscription TaskGraphChanged($filter: TaskFilter, $after: String) {
    tasksChanged(filter: $filter, after: $after) {
      isReset
      cursor
      tasks {
        id
        title
        status
        version
        near: dependents(first: 30) {
          id
        }
        far: dependents(first: 10) {
          id
        }
      }
    }
  }
`);

type Found = NonNullable<ResultOf<typeof GraphQuery>["task"]>;

export interface FoundGraph {
  known: Map<string, Known<GraphNode>>;
  /** There are as many dependents as were asked for: there may be more. */
  isCut: boolean;
}

const DEPENDENTS = 30;

/**
 * Where another task comes to wait for one that is shown, that one is told of, with its dependents: the cache misses the
 * new one and asks again.
 */
export function useGraph(id: string): FoundGraph | null {
  const [{ data, stale }, reread] = useQuery({ query: GraphQuery, variables: { id } });
  const opening = useOpening(data?.liveCursor, stale);
  const again = () => reread({ requestPolicy: "network-only" });
  useReread(again);
  const task = data?.task;
  const known = task ? knownOf(task) : new Map<string, Known<GraphNode>>();
  useGraphChanges(known, opening, again);
  return task ? { known, isCut: task.dependents.length >= DEPENDENTS } : null;
}

function useGraphChanges(
  known: ReadonlyMap<string, Known<GraphNode>>,
  opening: string | null | undefined,
  again: () => void,
): void {
  const filter = filterFor([...known.values()].map(({ node }) => node));
  const key = JSON.stringify(filter);
  const cursor = useRef<string>(undefined);
  // A wider filter goes on where the narrower one was: what happened in between is told too.
  const [heard, setHeard] = useState({ key, filter, after: undefined as string | undefined });
  useEffect(() => {
    if (heard.key !== key) setHeard({ key, filter, after: cursor.current });
  }, [heard.key, key, filter]);
  const variables = { filter: heard.filter, after: heard.after ?? opening };
  useChanges(
    { query: GraphChanged, variables, isOff: opening === undefined || known.size === 0 || heard.key !== key },
    ({ tasksChanged }) => {
      cursor.current = tasksChanged.cursor;
      if (tasksChanged.isReset) again();
    },
  );
}

function knownOf(task: Found): Map<string, Known<GraphNode>> {
  const known = new Map<string, Known<GraphNode>>();
  const add = (node: GraphNode, needs: readonly { id: string }[]) => {
    const before = known.get(node.id)?.needs ?? [];
    known.set(node.id, { node, needs: [...new Set([...before, ...needs.map((need) => need.id)])] });
  };
  for (const need of task.dependsOn) {
    for (const farther of need.dependsOn) add(farther, []);
    add(need, need.dependsOn);
  }
  add(task, task.dependsOn);
  for (const dependent of task.dependents) {
    add(dependent, dependent.dependsOn);
    for (const farther of dependent.dependents) add(farther, farther.dependsOn);
  }
  return known;
}

/** So narrow that hardly any other task matches: a busy queue must not talk to who looks at one task. */
function filterFor(nodes: readonly GraphNode[]) {
  const instants = nodes.map(({ createdAt }) => Date.parse(createdAt));
  const functions = [...new Set(nodes.map(({ function: called }) => called))];
  const queues = [...new Set(nodes.map(({ queue }) => queue.name))];
  return {
    // No clock stands in it: each render would listen anew.
    createdAfter: new Date((nodes.length === 0 ? 0 : Math.min(...instants)) - 1).toISOString(),
    createdBefore: new Date(Math.max(...instants, 0) + 1).toISOString(),
    ...(isShort(queues) && { queue: queues }),
    ...(isShort(functions) && !functions.includes(null) && { function: functions as string[] }),
  };
}

/** A filter takes no more than a hundred of each. */
function isShort(values: readonly unknown[]): boolean {
  return values.length > 0 && values.length <= 100;
}
