/** Subscriptions that rest while the page is paused. */
import { useEffect } from "react";
import type { AnyVariables, DocumentInput } from "@urql/core";
import { useSubscription } from "urql";
import { isRefused, wordsOf } from "./errors";
import { useLive } from "./live";

interface Listening<Data, Variables extends AnyVariables> {
  query: DocumentInput<Data, Variables>;
  variables: Variables;
  /** Nothing to listen to, for now. */
  isOff?: boolean;
}

/** What it brings goes into the cache by itself; `onData` is for what the cache cannot know. */
export function useChanges<Data, Variables extends AnyVariables>(
  { query, variables, isOff = false }: Listening<Data, Variables>,
  onData?: (data: Data) => void,
): void {
  const { mark, refused } = useLive();
  const [{ error }] = useSubscription<Data, null, Variables>(
    { query, variables, pause: isOff || mark === "paused" } as never,
    (_, data) => {
      onData?.(data);
      return null;
    },
  );
  useEffect(() => {
    if (error && isRefused(error)) refused(wordsOf(error));
  }, [error, refused]);
}
