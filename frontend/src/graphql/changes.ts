/** Subscriptions that rest while the page is paused. */
import type { AnyVariables, DocumentInput } from "@urql/core";
import { useSubscription } from "urql";
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
  const { mark } = useLive();
  useSubscription<Data, null, Variables>(
    { query, variables, pause: isOff || mark === "paused" } as never,
    (_, data) => {
      onData?.(data);
      return null;
    },
  );
}
