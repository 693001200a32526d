import {
  Client,
  makeErrorResult,
  makeOperation,
  makeResult,
  type Exchange,
  type Operation,
  type OperationResult,
} from "@urql/core";
import { describe, expect, it } from "vitest";
import { filter, makeSubject, merge, onPush, pipe } from "wonka";
import type { BulkAction } from "./documents";
import { Watch } from "./watch";

const action: BulkAction = {
  id: "bulk_1",
  kind: "CANCEL",
  status: "RUNNING",
  total: 3,
  done: 0,
  failed: 0,
  stopped: null,
  undoable: 0,
  undoes: null,
  undoneBy: null,
};

/** A watch that somebody reads, and the server at the other end of its streams. */
function watching() {
  const results = makeSubject<OperationResult>();
  const asked: Operation[] = [];
  const server: Exchange = () => (operations$) => {
    const silent$ = pipe(
      operations$,
      onPush((operation) => operation.kind === "subscription" && asked.push(operation)),
      filter((operation): operation is never => operation.kind === ("never" as string)),
    );
    return merge<OperationResult>([results.source, silent$]);
  };
  const client = new Client({ url: "/graphql", preferGetMethod: false, exchanges: [server] });
  const watch = new Watch(client);
  watch.subscribe(() => {});
  const last = () => {
    const operation = asked.at(-1);
    if (operation === undefined) throw new Error("Nobody asked.");
    return operation;
  };
  return {
    watch,
    asked,
    tell: (now: Partial<BulkAction>) =>
      results.next(makeResult(last(), { data: { bulkActionChanged: { ...action, ...now } } })),
    fail: () => results.next(makeErrorResult(last(), new Error("closed"))),
    complete: () => client.reexecuteOperation(makeOperation("teardown", last(), last().context)),
  };
}

describe("an action that is followed", () => {
  it("is shown as it goes on, and stays when it has ended", () => {
    const { watch, tell } = watching();
    watch.follow(action);
    tell({ done: 2 });
    expect(watch.read()).toMatchObject([{ status: "RUNNING", done: 2 }]);
    tell({ status: "DONE", done: 3, undoable: 3 });
    expect(watch.read()).toMatchObject([{ status: "DONE", done: 3 }]);
  });

  it.each(["fail", "complete"] as const)(
    "is put away when its stream ends before it (%s), until it is followed again",
    (end) => {
      const page = watching();
      const { watch, asked, tell } = page;
      watch.follow(action);
      tell({ done: 1 });
      page[end]();
      expect(watch.read()).toEqual([]);
      watch.follow(action);
      expect(asked).toHaveLength(2);
      tell({ status: "DONE", done: 3, undoable: 3 });
      expect(watch.read()).toMatchObject([{ status: "DONE", done: 3 }]);
    },
  );
});
