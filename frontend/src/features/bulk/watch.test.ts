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

  const cancelled = { ...action, status: "DONE", done: 3, undoable: 3 } as const;
  const newer = (kind: BulkAction["kind"], ids?: string[]) => {
    const { watch } = watching();
    watch.follow(cancelled, "", ["task_1", "task_2"]);
    watch.follow({ ...action, id: "bulk_2", kind }, "", ids);
    return watch.read().map(({ id }) => id);
  };

  it("offers no undo any more when a newer one may have touched its tasks", () => {
    expect(newer("RETRY", ["task_2"])).toEqual(["bulk_2"]);
    expect(newer("DELETE", ["task_1", "task_2"])).toEqual(["bulk_2"]);
    expect(newer("RETRY")).toEqual(["bulk_2"]);
    expect(newer("RETRY", ["task_3"])).toEqual(["bulk_1", "bulk_2"]);
    // What is cancelled already is cancelled no second time.
    expect(newer("CANCEL")).toEqual(["bulk_1", "bulk_2"]);
  });

  it("offers none either when one of its tasks was touched by itself", () => {
    const { watch } = watching();
    watch.follow(cancelled, "", ["task_1"]);
    watch.touched("task_2");
    expect(watch.read()).toEqual([cancelled]);
    watch.touched("task_1");
    expect(watch.read()).toEqual([]);
  });

  it("goes on to tell what failed, without an undo", () => {
    const { watch, tell } = watching();
    watch.follow(action, "", ["task_1"]);
    watch.touched("task_1");
    tell({ status: "DONE", done: 2, failed: 1, undoable: 2 });
    expect(watch.read()).toMatchObject([{ status: "DONE", failed: 1, undoable: 0 }]);
    expect(watch.read().map((one) => watch.noteOf(one))).toEqual([""]);
  });
});
