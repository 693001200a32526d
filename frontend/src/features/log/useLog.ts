/** A task's log: what was said so far by pages, then each line as it is recorded, from where the pages ended. */
import { useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import { pipe, subscribe } from "wonka";
import { wordsOf } from "@/graphql/errors";
import { graphql } from "@/graphql/graphql";
import { useLive, useReread } from "@/graphql/live";
import { NOTHING_TOLD, withMore, type Told } from "@/lib/log";

const LogLine_line = graphql(`
  fragment LogLine_line on LogLine @_unmask {
    number
    at
    level
    message
    isLate
  }
`);

const LogQuery = graphql(
  `
    query TaskLog($id: ID!, $after: String) {
      task(id: $id) {
        id
        logs(first: 200, after: $after) {
          nodes {
            ...LogLine_line
          }
          pageInfo {
            endCursor
            hasNextPage
          }
          leftOut
        }
      }
    }
  `,
  [LogLine_line],
);

const LoggedSubscription = graphql(
  `
    subscription TaskLogged($id: ID!, $after: String) {
      taskLogged(id: $id, after: $after) {
        lines {
          ...LogLine_line
        }
        cursor
        leftOut
      }
    }
  `,
  [LogLine_line],
);

export interface Log extends Told {
  state: "reading" | "live" | "paused" | "broken";
  /** What went wrong, in words. */
  words: string;
  retry: () => void;
}

export function useLog(id: string): Log {
  const client = useClient();
  const isPaused = useLive().mark === "paused";
  const [told, setTold] = useState(NOTHING_TOLD);
  const [words, setWords] = useState("");
  const [isRead, setRead] = useState(false);
  const [round, setRound] = useState(0);
  const cursor = useRef<string | null>(null);
  const retry = () => setRound(round + 1);
  // A cut connection goes on by itself, after the last cursor; only what broke has to be begun again.
  useReread(() => {
    if (words !== "") retry();
  });

  useEffect(() => {
    if (isPaused) return;
    let isOver = false;
    let stop = () => {};
    const take = (more: Told) => {
      cursor.current = more.cursor ?? cursor.current;
      setTold((before) => withMore(before, more));
    };
    const follow = () => {
      const live$ = client.subscription(LoggedSubscription, { id, after: cursor.current });
      const listening = pipe(
        live$,
        subscribe(({ data, error }) => {
          if (error) setWords(wordsOf(error));
          else if (data) take(data.taskLogged);
        }),
      );
      stop = () => listening.unsubscribe();
    };
    const read = async () => {
      for (let hasMore = true; hasMore;) {
        const page = { id, after: cursor.current };
        const { data, error } = await client
          .query(LogQuery, page, { requestPolicy: "network-only" })
          .toPromise();
        if (isOver) return;
        if (error) setWords(wordsOf(error));
        const logs = data?.task?.logs;
        if (error || !logs) return;
        take({ lines: logs.nodes, cursor: logs.pageInfo.endCursor, leftOut: logs.leftOut });
        hasMore = logs.pageInfo.hasNextPage;
      }
      setWords("");
      setRead(true);
      follow();
    };
    void read();
    return () => {
      isOver = true;
      stop();
    };
  }, [client, id, isPaused, round]);

  const state = words !== "" ? "broken" : isPaused ? "paused" : isRead ? "live" : "reading";
  // What is left out is told beside all that is kept, not beside the first pages of it.
  return { ...told, leftOut: isRead ? told.leftOut : 0, state, words, retry };
}
