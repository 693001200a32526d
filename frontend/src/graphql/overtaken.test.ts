import { Client, gql, subscriptionExchange, type ExecutionResult } from "@urql/core";
import { afterEach, expect, it, vi } from "vitest";
import { pipe, subscribe } from "wonka";
import { createCache } from "./cache";
import { exactFetchExchange } from "./fetching";
import { overtakenExchange } from "./overtaken";

const QUERY = gql`
  query ($id: ID!) {
    task(id: $id) {
      id
      status
      version
    }
  }
`;
const CHANGED = gql`
  subscription {
    taskChanged(id: "task_1", follow: true) {
      id
      status
      version
    }
  }
`;
const CANCEL = gql`
  mutation {
    cancelTask(id: "task_1") {
      task {
        id
        status
        version
      }
    }
  }
`;

const task = (status: string, version: number) => ({ __typename: "Task", id: "task_1", status, version });

/** A page that shows one task; the test answers its questions and tells it of changes. */
async function page() {
  const waiting: ((data: object) => void)[] = [];
  const asked = vi.fn(() => {
    return new Promise<Response>((resolve) => {
      waiting.push((data) =>
        resolve(new Response(JSON.stringify({ data }), { headers: { "content-type": "application/json" } })),
      );
    });
  });
  vi.stubGlobal("fetch", asked);
  const sinks: ((result: ExecutionResult) => void)[] = [];
  const overtaken = vi.fn();
  const client = new Client({
    url: "/graphql",
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    exchanges: [
      createCache(),
      overtakenExchange(overtaken),
      exactFetchExchange,
      subscriptionExchange({
        forwardSubscription: () => ({
          subscribe: (sink) => {
            sinks.push((result) => sink.next(result));
            return { unsubscribe: () => undefined };
          },
        }),
      }),
    ],
  });
  const shown: string[] = [];
  pipe(
    client.query<{ task: { status: string } }>(QUERY, { id: "task_1" }),
    subscribe(({ data }) => {
      if (data) shown.push(data.task.status);
    }),
  );
  pipe(
    client.subscription(CHANGED, {}),
    subscribe(() => undefined),
  );
  const answer = async (data: object) => {
    await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0));
    waiting.shift()?.(data);
  };
  await vi.waitFor(() => expect(sinks).toHaveLength(1));
  return {
    client,
    asked,
    shown,
    overtaken,
    answer,
    tell: (status: string, version: number) => sinks[0]?.({ data: { taskChanged: task(status, version) } }),
  };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("asks again where a task has changed while the answer was on its way, and shows no older state", async () => {
  const { asked, shown, answer, tell } = await page();
  tell("SUCCEEDED", 6);
  await answer({ task: task("RUNNING", 5) });
  await answer({ task: task("SUCCEEDED", 6) });
  await vi.waitFor(() => expect(shown.at(-1)).toBe("SUCCEEDED"));
  expect(shown).not.toContain("RUNNING");
  expect(asked).toHaveBeenCalledTimes(2);
});

it("shows what was overtaken twice, and asks again a second later", async () => {
  const { asked, shown, answer, tell } = await page();
  tell("RUNNING", 2);
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  await answer({ task: task("QUEUED", 1) });
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2));
  tell("SUCCEEDED", 3);
  const later = vi.spyOn(globalThis, "setTimeout");
  await answer({ task: task("RUNNING", 2) });
  await vi.waitFor(() => expect(shown.at(-1)).toBe("RUNNING"));
  expect(later).toHaveBeenCalledWith(expect.any(Function), 1_000);
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(3), { timeout: 10_000 });
  await answer({ task: task("SUCCEEDED", 3) });
  await vi.waitFor(() => expect(shown.at(-1)).toBe("SUCCEEDED"));
});

it("takes an answer that is as new as what was told", async () => {
  const { asked, shown, answer, tell } = await page();
  tell("RUNNING", 5);
  await answer({ task: task("RUNNING", 5) });
  await vi.waitFor(() => expect(shown).toContain("RUNNING"));
  expect(asked).toHaveBeenCalledTimes(1);
});

it("has everything read again where what was done was answered too late", async () => {
  const { client, overtaken, answer, tell } = await page();
  await answer({ task: task("RUNNING", 4) });
  const done = client.mutation(CANCEL, {}).toPromise();
  tell("CANCELLED", 6);
  await answer({ cancelTask: { __typename: "TaskPayload", task: task("RUNNING", 5) } });
  await done;
  expect(overtaken).toHaveBeenCalledOnce();
});
