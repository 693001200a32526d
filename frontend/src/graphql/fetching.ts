/** Queries and mutations over POST /graphql, with numbers exact both ways. */
import { makeErrorResult, makeResult, stringifyDocument } from "@urql/core";
import type { Exchange, Operation, OperationResult } from "@urql/core";
import { filter, make, merge, mergeMap, pipe, takeUntil } from "wonka";
import { parseExact, releaseExact } from "@/lib/exactjson";
import { hearTime } from "@/lib/now";

export const exactFetchExchange: Exchange =
  ({ forward }) =>
  (operations$) => {
    const results$ = pipe(
      operations$,
      filter(isFetched),
      mergeMap((operation) => {
        const ended$ = pipe(
          operations$,
          filter((other) => other.kind === "teardown" && other.key === operation.key),
        );
        return pipe(request$(operation), takeUntil(ended$));
      }),
    );
    const rest$ = pipe(
      operations$,
      filter((operation) => !isFetched(operation)),
      forward,
    );
    return merge([results$, rest$]);
  };

function isFetched(operation: Operation): boolean {
  return operation.kind === "query" || operation.kind === "mutation";
}

function request$(operation: Operation) {
  return make<OperationResult>((observer) => {
    const abort = new AbortController();
    const isOver = () => abort.signal.aborted;
    const ask = async () => {
      // A component that is drawn asks, lets go at once, and asks again when it stands: only the latter is meant.
      await Promise.resolve();
      if (isOver()) return;
      const result = await post(operation, abort.signal);
      if (isOver()) return;
      observer.next(result);
      observer.complete();
    };
    void ask();
    return () => abort.abort();
  });
}

async function post(operation: Operation, signal: AbortSignal): Promise<OperationResult> {
  const askedAt = Date.now();
  try {
    const response = await fetch(operation.context.url, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json, application/json;q=0.9",
      },
      body: bodyOf(operation),
      signal,
    });
    hearTime(response.headers.get("date"), askedAt, Date.now());
    return makeResult(operation, await answerOf(response), response);
  } catch (error) {
    return makeErrorResult(operation, error instanceof Error ? error : new Error(String(error)));
  }
}

function bodyOf({ query, variables }: Operation): string {
  return releaseExact(JSON.stringify({ query: stringifyDocument(query), variables }));
}

async function answerOf(response: Response) {
  const text = await response.text();
  if (!(response.headers.get("content-type") ?? "").includes("json"))
    throw new Error(`The server answered with status ${response.status}.`);
  return parseExact(text) as never;
}
