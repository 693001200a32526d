/** The one client of a session: cache, then HTTP for questions and a WebSocket for what changes. */
import { Client, mapExchange, subscriptionExchange, type CombinedError } from "@urql/core";
import { createCache } from "./cache";
import { isUnauthenticated } from "./errors";
import { exactFetchExchange } from "./fetching";
import type { Live } from "./live";
import { overtakenExchange } from "./overtaken";
import { createSocket } from "./socket";

export interface Connection {
  client: Client;
  close: () => void;
}

/** `onSession` is told when the session has ended or has other rights: who is signed in has to be asked anew. */
export function connect(live: Live, onSession: () => void): Connection {
  const socket = createSocket(live, onSession);
  const notice = (error: CombinedError) => {
    if (isUnauthenticated(error)) onSession();
  };
  const client = new Client({
    url: "/graphql",
    requestPolicy: "cache-and-network",
    preferGetMethod: false,
    exchanges: [
      mapExchange({
        onError: notice,
        onResult: ({ operation }) => {
          if (operation.kind === "query") live.answered();
        },
      }),
      createCache(),
      overtakenExchange(() => live.missed()),
      exactFetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => {
            const payload = { query: query ?? "", variables: { ...variables } };
            const unsubscribe = socket.subscribe(payload, {
              next: (result) => {
                follow(payload.variables, result.data);
                sink.next(result as never);
              },
              error: (error) => {
                if (isRefusal(error)) sink.next({ errors: error as never });
                else sink.error(asError(error));
              },
              complete: () => sink.complete(),
            });
            return { unsubscribe };
          },
        }),
      }),
    ],
  });
  return { client, close: () => void socket.dispose() };
}

/** The same payload is sent again after a reconnect: with the last cursor in it, nothing is missed or told twice. */
function follow(variables: Record<string, unknown>, data: Record<string, unknown> | null | undefined): void {
  const told = (data?.["tasksChanged"] ?? data?.["taskLogged"]) as { cursor?: string } | undefined;
  if (told?.cursor !== undefined) variables["after"] = told.cursor;
}

/** The socket ends a subscription with GraphQL errors where the server refused it, else with an Error or the event of its closing. */
function isRefusal(error: unknown): error is unknown[] {
  return Array.isArray(error);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("The live connection was closed.");
}
