/** Keeps one page of a list up to date while somebody looks at it; it draws nothing. */
import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { wordsOf } from "@/graphql/errors";
import { TaskPageQuery } from "./documents";
import { filterOfPage, type ListEvent, type ListState } from "./liststate";

interface PageFeedProps {
  list: ListState;
  after: string | null;
  onEvent: (event: ListEvent) => void;
}

/** Of one page in one reading: give it a key of both. */
export function PageFeed({ list, after, onEvent }: PageFeedProps) {
  // Where it stands is asked for with the first page alone: the cache gives all pages anew that ask for what has changed.
  const [variables] = useState(() => ({
    filter: filterOfPage(list, after),
    orderBy: list.order,
    after,
    isFirst: after === null,
  }));
  // What was read in this reading was kept up to date since: the cache has it.
  const [isKnown] = useState(() => list.pages.find((page) => page.after === after)?.reading === list.reading);
  const [{ data, error, fetching, stale }] = useQuery({
    query: TaskPageQuery,
    variables,
    requestPolicy: isKnown ? "cache-first" : "network-only",
  });
  // On its way, it gives meanwhile what was read before under the same variables.
  const isOld = !isKnown && (fetching || stale);
  useEffect(() => {
    if (!data || isOld) return;
    const { nodes, pageInfo } = data.tasks;
    const read = { rows: nodes, endCursor: pageInfo.endCursor, hasNext: pageInfo.hasNextPage };
    onEvent({ type: "read", after, read, liveCursor: data.liveCursor ?? null });
  }, [data, isOld, after, onEvent]);
  useEffect(() => {
    if (error && !data) onEvent({ type: "failed", after, words: wordsOf(error) });
  }, [error, data, after, onEvent]);
  return null;
}
