import { describe, expect, it } from "vitest";
import type { TaskStatus } from "@/graphql/graphql";
import type { ChangedTask, ListedTask, TaskFilter, TaskOrder } from "./documents";
import {
  after,
  beginning,
  filterOfAll,
  filterOfNewer,
  filterOfPage,
  resumed,
  type ListState,
} from "./liststate";

const at = (second: number) => new Date(Date.UTC(2026, 10, 30, 12, 0, second)).toISOString();
const liveCursor = "1.1-1";
const listed = (id: string, second: number) => ({ id, createdAt: at(second) }) as ListedTask;
const changed = (id: string, second: number, status: TaskStatus = "QUEUED", priority = 5) =>
  ({ id, createdAt: at(second), status, priority }) as ChangedTask;

/** A list that has read its first page, the rows of the seconds 20 and 10, and goes on. */
function open(filter: TaskFilter = {}, order: TaskOrder = "NEWEST_FIRST"): ListState {
  return firstRead(beginning(filter, order));
}

function firstRead(list: ListState, hasNext = true): ListState {
  const rows = [listed("b", 20), listed("a", 10)];
  return after(list, { type: "read", after: null, read: { rows, endCursor: "a", hasNext }, liveCursor });
}

const told = (list: ListState, ...tasks: ChangedTask[]) => [...after(list, { type: "changed", tasks }).fresh];

describe("listening", () => {
  it("begins where the first page was read, and stays there", () => {
    const list = beginning({}, "NEWEST_FIRST");
    expect(list.opening).toBeUndefined();
    const opened = firstRead(list);
    expect(opened.opening).toBe(liveCursor);
    const read = { rows: [listed("c", 30)], endCursor: "c", hasNext: false };
    const again = after(opened, { type: "read", after: null, read, liveCursor: "1.2-1" });
    expect(again.opening).toBe(liveCursor);
  });

  it("begins now where the server hears of no changes", () => {
    const read = { rows: [], endCursor: null, hasNext: false };
    const list = after(beginning({}, "NEWEST_FIRST"), { type: "read", after: null, read, liveCursor: null });
    expect(list.opening).toBeNull();
  });
});

describe("what comes", () => {
  it("gathers where it matches and is new", () => {
    expect(told(open(), changed("c", 30), changed("b", 20))).toEqual(["c"]);
  });

  it("does not gather where it does not match", () => {
    const list = open({ status: ["FAILED"], priority: [7], priorityAtLeast: 6 });
    expect(told(list, changed("c", 30, "QUEUED", 7), changed("d", 31, "FAILED", 5))).toEqual([]);
    expect(told(list, changed("e", 32, "FAILED", 7))).toEqual(["e"]);
  });

  it("does not gather in another order", () => {
    expect(told(open({}, "NEXT_TO_RUN"), changed("c", 30))).toEqual([]);
  });

  it("before the first page is judged by that page", () => {
    const early = [changed("0", 5), changed("b", 20), changed("c", 30)];
    const list = after(beginning({}, "NEWEST_FIRST"), { type: "changed", tasks: early });
    expect([...firstRead(list).fresh]).toEqual(["c"]);
    expect([...firstRead(list, false).fresh]).toEqual(["0", "c"]);
  });

  it("gathers too while the last page is on its way, or could not be read", () => {
    const reading = after(open(), { type: "more" });
    expect(told(reading, changed("c", 30), changed("0", 5))).toEqual(["c"]);
    const failed = after(reading, { type: "failed", after: "a", words: "no answer" });
    expect(told(failed, changed("c", 30), changed("0", 5))).toEqual(["c"]);
  });

  it("is new no more when the top is read with it", () => {
    let list = after(after(open(), { type: "restarted" }), { type: "changed", tasks: [changed("c", 30)] });
    expect(list.fresh.size).toBe(1);
    const rows = [listed("c", 30), listed("b", 20)];
    list = after(list, {
      type: "read",
      after: null,
      read: { rows, endCursor: "b", hasNext: true },
      liveCursor,
    });
    expect([list.fresh.size, list.newest]).toEqual([0, at(30)]);
  });

  it("is new no more in an empty list that is read again", () => {
    const empty = { rows: [], endCursor: null, hasNext: false };
    let list = after(beginning({}, "NEWEST_FIRST"), { type: "read", after: null, read: empty, liveCursor });
    list = after(list, { type: "changed", tasks: [changed("a", 10)] });
    expect([...list.fresh]).toEqual(["a"]);
    list = after(list, { type: "missed" });
    const read = { rows: [listed("a", 10)], endCursor: "a", hasNext: false };
    expect(after(list, { type: "read", after: null, read, liveCursor }).fresh.size).toBe(0);
  });

  it("is shown from the top, over what stood there until it has come", () => {
    const list = after(after(open(), { type: "changed", tasks: [changed("c", 30)] }), { type: "restarted" });
    expect(list.fresh.size).toBe(0);
    expect(list.pages[0]?.rows).toHaveLength(2);
    expect(list.pages[0]?.reading).not.toBe(list.reading);
    expect(filterOfPage(list, null)).toEqual({});
  });
});

describe("reading again", () => {
  it("begins at the newest that was there, so that nothing is pushed down", () => {
    const list = after(open(), { type: "missed" });
    expect(list.reading).toBe(1);
    expect(filterOfPage(list, null)).toEqual({ createdBefore: "2026-11-30T12:00:20.001Z" });
    expect(filterOfPage(list, "a")).toEqual({});
    expect(filterOfNewer(list)).toEqual({ createdAfter: at(20) });
  });

  it("keeps a filter that ends earlier", () => {
    const filter = { createdBefore: at(15) };
    expect(filterOfPage(open(filter), null)).toEqual(filter);
  });

  it("begins anew where the order is another", () => {
    expect(filterOfPage(open({}, "OLDEST_FIRST"), null)).toEqual({});
    expect(filterOfNewer(open({}, "OLDEST_FIRST"))).toBeNull();
  });

  it("follows coming back", () => {
    expect(resumed(open()).reading).toBe(1);
  });
});

describe("all that the list shows", () => {
  it("is found by its filter", () => {
    expect(filterOfAll(open({ queue: ["mail"] }))).toEqual({ queue: ["mail"] });
  });

  it("only waits where the next to run are shown, unless the filter says more", () => {
    const waiting = ["BLOCKED", "SCHEDULED", "QUEUED", "ASSIGNED"];
    expect(filterOfAll(open({}, "NEXT_TO_RUN"))).toEqual({ status: waiting });
    expect(filterOfAll(open({ status: ["RUNNING"] }, "NEXT_TO_RUN"))).toEqual({ status: ["RUNNING"] });
  });

  it("has a deadline where the list leaves out what has none", () => {
    expect(filterOfAll(open({ queue: ["mail"] }, "DEADLINE"))).toEqual({
      queue: ["mail"],
      hasDeadline: true,
    });
  });
});
