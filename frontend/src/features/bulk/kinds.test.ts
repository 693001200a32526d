import { describe, expect, it } from "vitest";
import type { BulkAction } from "./documents";
import { ableOf, isGood, wordsOfAction, wordsOfUndo } from "./kinds";

function action(more: Partial<BulkAction>): BulkAction {
  return {
    id: "bulk_1",
    kind: "CANCEL",
    status: "RUNNING",
    total: null,
    done: 0,
    failed: 0,
    stopped: null,
    undoable: 0,
    undoes: null,
    undoneBy: null,
    ...more,
  };
}

describe("an action in words", () => {
  it.each([
    ["Cancelling tasks", {}],
    ["Cancelling 1,200 of 5,000 tasks", { done: 1_198, failed: 2, total: 5_000 }],
    ["Cancelled 1 task", { status: "DONE", done: 1 }],
    [
      "Deleted 4,998 tasks, 2 could not be deleted",
      { kind: "DELETE", status: "DONE", done: 4_998, failed: 2 },
    ],
    ["Put back nothing: no task was in a state for it", { kind: "UNDO", status: "DONE" }],
  ] as [string, Partial<BulkAction>][])("is %s", (words, more) => {
    expect(wordsOfAction(action(more))).toBe(words);
  });

  it.each([
    ["Undo puts 3 tasks back.", { undoable: 3 }],
    ["Undo puts 2 tasks back; what had begun stays cancelled.", { undoable: 2 }],
    ["Undo puts 4 tasks back.", { undoable: 4 }], // one depended on another
    ["That cannot be undone: they had begun. They can be retried.", {}],
    ["That cannot be undone: it had begun. It can be retried.", { done: 1 }],
    ["", { undoneBy: "bulk_2" }],
    ["", { undoable: 3, status: "RUNNING" }],
    ["Undo puts 1 task back.", { kind: "RESCHEDULE", undoable: 1 }],
    ["", { kind: "DELETE" }],
  ] as [string, Partial<BulkAction>][])("says what undoing it does: %s", (words, more) => {
    expect(wordsOfUndo(action({ status: "DONE", done: 3, ...more }))).toBe(words);
  });

  it("is good where nothing failed", () => {
    expect(isGood(action({ status: "DONE", done: 3 }))).toBe(true);
    expect(isGood(action({ status: "DONE", done: 3, failed: 1 }))).toBe(false);
    expect(isGood(action({ status: "STOPPED", done: 3 }))).toBe(false);
  });
});

describe("what a filter finds for an action", () => {
  it("is all to which it can be done, where the filter asks for no status", () => {
    expect(ableOf("RETRY", null)).toEqual(["FAILED", "CANCELLED", "EXPIRED"]);
    expect(ableOf("RETRY", [])).toEqual(["FAILED", "CANCELLED", "EXPIRED"]);
  });

  it("is what is both asked for and able", () => {
    expect(ableOf("DELETE", ["FAILED", "RUNNING"])).toEqual(["FAILED"]);
    expect(ableOf("RESCHEDULE", ["SUCCEEDED"])).toEqual([]);
  });
});
