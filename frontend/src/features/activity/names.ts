/** What the things that entries are about are called now: an entry has ids, people have names. */
import { useMemo } from "react";
import { useQuery } from "urql";
import { graphql } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import type { Names } from "./words";

const NamesQuery = graphql(`
  query ActivityNames($isAdmin: Boolean!, $isClient: Boolean!) {
    users(first: 200) @include(if: $isAdmin) {
      nodes {
        id
        username
      }
    }
    pools @include(if: $isAdmin) {
      id
      name
    }
    schedules(first: 200) @include(if: $isClient) {
      nodes {
        id
        name
      }
    }
    workers {
      id
      name
    }
  }
`);

interface Known {
  names: Names;
  /** Accounts to choose from; none for whoever sees only own entries. */
  users: readonly { id: string; username: string }[];
  reread: () => void;
}

export function useNames(): Known {
  const { isAdmin, isClient } = useViewer();
  const [{ data }, ask] = useQuery({
    query: NamesQuery,
    variables: { isAdmin, isClient: isClient || isAdmin },
  });
  const users = data?.users?.nodes;
  const names = useMemo(
    () =>
      new Map([
        ...(users ?? []).map(({ id, username }) => [id, username] as const),
        ...[...(data?.pools ?? []), ...(data?.schedules?.nodes ?? []), ...(data?.workers ?? [])].map(
          ({ id, name }) => [id, name] as const,
        ),
      ]),
    [data, users],
  );
  return { names, users: users ?? [], reread: () => ask({ requestPolicy: "network-only" }) };
}
