/** Tasks that the palette finds, by words of their title or by the beginning of their id. */
import { useQuery } from "urql";
import { graphql, type VariablesOf } from "@/graphql/graphql";
import { stretchOf } from "@/lib/idprefix";
import { useSettled } from "@/lib/settled";
import type { FoundTask } from "./commands";

const FoundTasksQuery = graphql(`
  query FoundTasks($filter: TaskFilter!, $first: Int!) {
    tasks(filter: $filter, first: $first) {
      nodes {
        id
        title
        status
        createdAt
      }
    }
  }
`);

const SHOWN = 6;
/** Of those that were made at about the same time the ones with this beginning are looked for. */
const LOOKED_AT = 200;
const SHORTEST = 2;

/** None until one has paused, and none for who may see no tasks. */
export function useTasksFound(text: string, mayLook: boolean): readonly FoundTask[] {
  const asked = useSettled(text);
  const isAsked = mayLook && asked.length >= SHORTEST;
  const [{ data }] = useQuery({ query: FoundTasksQuery, variables: variablesOf(asked), pause: !isAsked });
  if (!isAsked || text.length < SHORTEST) return [];
  return (data?.tasks.nodes ?? []).filter((task) => isFound(task, text, asked)).slice(0, SHOWN);
}

function variablesOf(text: string): VariablesOf<typeof FoundTasksQuery> {
  const stretch = stretchOf(text);
  return stretch === null
    ? { filter: { search: text }, first: SHOWN }
    : { filter: { createdAfter: stretch.after, createdBefore: stretch.before }, first: LOOKED_AT };
}

/** What was found for a text may be found by arguments too; while one types on, only what surely still matches stays. */
function isFound({ id, title }: FoundTask, text: string, asked: string): boolean {
  const wanted = text.toLowerCase();
  if (stretchOf(asked) !== null) return id.startsWith(wanted);
  return text === asked || title.toLowerCase().includes(wanted);
}
