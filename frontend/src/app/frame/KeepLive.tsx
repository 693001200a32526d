/** Keeps the live connection open on every page, also where nothing else is listened to, so that the mark is true. */
import { useChanges } from "@/graphql/changes";
import { graphql } from "@/graphql/graphql";

const KeepLiveSubscription = graphql(`
  subscription KeepLive {
    workersChanged {
      id
      status
    }
  }
`);

export function KeepLive() {
  useChanges({ query: KeepLiveSubscription, variables: {} });
  return null;
}
