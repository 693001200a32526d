/** Sends what GraphiQL asks: queries and mutations by POST, subscriptions over a WebSocket; shows numbers as they came. */
import type { Fetcher, FetcherParams } from "@graphiql/toolkit";
import { getOperationAST, OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";

const PATH = "/graphql";

type Revive = (key: string, value: unknown, context: { source: string }) => unknown;
/** Newer than TypeScript's library. */
const newer = JSON as typeof JSON & { rawJSON?: (text: string) => unknown };

/**
 * `onMutation` is called after each: who is signed in may have changed. `variablesText` is what stands in the editor of
 * variables: GraphiQL hands on what JavaScript's numbers left of it.
 */
export function createFetcher(onMutation: () => void, variablesText: () => string): Fetcher {
  return async (given, options) => {
    const params = given.variables ? { ...given, variables: parse(variablesText()) } : given;
    const headers = namesInLowerCase(options?.headers);
    const operation = options?.documentAST && getOperationAST(options.documentAST, params.operationName);
    if (operation?.operation === OperationTypeNode.SUBSCRIPTION) return follow(params, headers);
    const answer = await post(params, headers);
    if (operation?.operation === OperationTypeNode.MUTATION) onMutation();
    return answer as never;
  };
}

export async function post(params: FetcherParams, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(PATH, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      accept: "application/graphql-response+json, application/json;q=0.9",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(params),
  });
  return parse(await response.text());
}

/** One connection a subscription: it is made with the session or token of that moment. */
async function* follow(params: FetcherParams, headers: Record<string, string>): AsyncGenerator<never> {
  const { authorization } = headers;
  const client = createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${PATH}`,
    connectionParams: authorization === undefined ? {} : { authorization },
    jsonMessageReviver: revive as never,
  });
  try {
    for await (const result of client.iterate({ ...params })) yield result as never;
  } catch (error) {
    throw error instanceof CloseEvent
      ? new Error(`The connection was closed: ${error.reason || String(error.code)}`)
      : error;
  } finally {
    await client.dispose();
  }
}

/** JSON with numbers that are shown as they were written, where the browser can: a double would lose digits of long ones. */
export function parse(text: string): unknown {
  return JSON.parse(text, revive as never);
}

const revive: Revive = (_, value, context) =>
  typeof value === "number" && newer.rawJSON !== undefined && String(value) !== context.source
    ? newer.rawJSON(context.source)
    : value;

function namesInLowerCase(headers: unknown): Record<string, string> {
  const given = Object.entries((headers ?? {}) as Record<string, unknown>);
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)]));
}
