import { Client, gql } from "@urql/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { exactNumber, formatExact, type Json } from "@/lib/exactjson";
import { pipe, subscribe } from "wonka";
import { createCache } from "./cache";
import { exactFetchExchange } from "./fetching";

const asked = vi.fn<typeof fetch>();

function answer(body: string, init: ResponseInit = { headers: { "content-type": "application/json" } }) {
  asked.mockImplementation(() => Promise.resolve(new Response(body, init)));
  vi.stubGlobal("fetch", asked);
  return new Client({
    url: "/graphql",
    preferGetMethod: false,
    exchanges: [createCache(), exactFetchExchange],
  });
}

afterEach(() => {
  vi.unstubAllGlobals();
  asked.mockReset();
});

const BIG = "12345678901234567890";

describe("questions over HTTP", () => {
  it("keep a big integer from the server through the cache to the page", async () => {
    const client = answer(`{"data":{"task":{"__typename":"Task","id":"task_1","args":{"n":${BIG}}}}}`);
    const { data } = await client.query<{ task: { args: Json } }>(
      gql`
        {
          task(id: "task_1") {
            id
            args
          }
        }
      `,
      {},
    );
    expect(formatExact(data?.task.args ?? null)).toBe(`{"n":${BIG}}`);
  });

  it("are not sent where nobody waits for the answer any more", async () => {
    const client = answer('{"data":{"me":1}}');
    const source = client.query(
      gql`
        {
          me
        }
      `,
      {},
    );
    pipe(
      source,
      subscribe(() => undefined),
    ).unsubscribe();
    await source.toPromise();
    expect(asked).toHaveBeenCalledOnce();
  });

  it("send a big integer as it was typed", async () => {
    const client = answer('{"data":{"submitTask":{"__typename":"TaskPayload","task":null}}}');
    await client.mutation(
      gql`
        mutation ($args: JSON) {
          submitTask(args: $args) {
            task {
              id
            }
          }
        }
      `,
      {
        args: { n: exactNumber(BIG) },
      },
    );
    expect(asked.mock.calls[0]?.[1]?.body).toContain(`"variables":{"args":{"n":${BIG}}}`);
  });

  it("say what a proxy answered that knows no GraphQL", async () => {
    const client = answer("<h1>Bad gateway</h1>", { status: 502, headers: { "content-type": "text/html" } });
    const { error } = await client.query(
      gql`
        {
          viewer {
            id
          }
        }
      `,
      {},
    );
    expect(error?.networkError?.message).toBe("The server answered with status 502.");
  });

  it("pass on the codes of the server's errors", async () => {
    const client = answer(
      '{"data":null,"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}',
    );
    const { error } = await client.query(
      gql`
        {
          viewer {
            id
          }
        }
      `,
      {},
    );
    expect(error?.graphQLErrors[0]?.extensions["code"]).toBe("UNAUTHENTICATED");
  });
});
