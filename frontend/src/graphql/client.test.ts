import { gql } from "@urql/core";
import { afterEach, expect, it, vi } from "vitest";
import { pipe, subscribe } from "wonka";
import { connect } from "./client";
import { isRefused, wordsOf } from "./errors";
import { Live } from "./live";

type Sink = { error: (error: unknown) => void };
const socket = vi.hoisted(() => ({ end: (sink: Sink) => sink.error(null) }));
vi.mock("./socket", () => ({
  createSocket: () => ({
    subscribe: (_: unknown, sink: Sink) => {
      queueMicrotask(() => socket.end(sink));
      return () => undefined;
    },
    dispose: () => undefined,
  }),
}));

const onSession = vi.fn();
const CHANGED = gql`
  subscription {
    workersChanged {
      id
    }
  }
`;

/** What a subscription tells that the socket ends so. */
async function ended(error: unknown) {
  socket.end = (sink) => sink.error(error);
  const { client, close } = connect(new Live(), onSession);
  const told = await new Promise((resolve) => {
    pipe(
      client.subscription(CHANGED, {}),
      subscribe((result) => resolve(result.error)),
    );
  });
  close();
  return told as Parameters<typeof wordsOf>[0];
}

afterEach(() => onSession.mockReset());

it("says why the server refused a subscription", async () => {
  const error = await ended([{ message: "It may give too much.", extensions: { code: "BAD_USER_INPUT" } }]);
  expect([isRefused(error), wordsOf(error)]).toEqual([true, "It may give too much."]);
  expect(onSession).not.toHaveBeenCalled();
});

it("has the session asked anew where it was refused for want of one", async () => {
  const error = await ended([{ message: "no", extensions: { code: "UNAUTHENTICATED" } }]);
  expect(isRefused(error)).toBe(false);
  expect(onSession).toHaveBeenCalledOnce();
});

it("says that the server cannot be reached where the connection is gone", async () => {
  const error = await ended({ code: 1006 });
  expect(isRefused(error)).toBe(false);
  expect(wordsOf(error)).toMatch(/cannot be reached/);
});
