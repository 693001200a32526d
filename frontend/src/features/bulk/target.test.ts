import { describe, expect, it } from "vitest";
import type { TaskStatus } from "@/graphql/graphql";
import { NOTHING, type Selectable, type Selection } from "./selection";
import { consequencesOf, exactly, less, targetOf, wordsOfLeft, type Amounts } from "./target";

const row = (id: string, status: TaskStatus): Selectable => ({ id, status, viewerMayChange: true });
const rows = [row("a", "QUEUED"), row("b", "RUNNING"), row("c", "SUCCEEDED"), row("d", "FAILED")];
const all: Selection = { ...NOTHING, ids: new Map(rows.map(({ id, status }) => [id, status])) };
const of = (selection: Selection, filter = {}) => ({ selection, rows, filter, words: "tag x" });
const amounts = (able: number, running = 0, left = 0): Amounts => ({
  able: exactly(able),
  running: exactly(running),
  left: exactly(left),
});

describe("a target", () => {
  it("is what it can be done to, and counts what runs and what is left alone", () => {
    expect(targetOf("CANCEL", of(all))).toEqual({ ids: ["a", "b"], amounts: amounts(2, 1, 2) });
    expect(targetOf("DELETE", of(all))).toEqual({ ids: ["c", "d"], amounts: amounts(2, 0, 2) });
    expect(targetOf("RETRY", of({ ...all, ids: new Map([["a", "QUEUED"]]) }))).toBeNull();
  });

  it("is found by the filter where all that match are selected", () => {
    const found = targetOf("DELETE", of({ ...NOTHING, isAll: true }, { status: ["FAILED", "RUNNING"] }));
    expect(found).toEqual({
      filter: { status: ["FAILED"] },
      whole: { status: ["FAILED", "RUNNING"] },
      words: "tag x",
    });
  });
});

describe("the words", () => {
  it("say how many are left alone and why", () => {
    expect(wordsOfLeft("CANCEL", amounts(2))).toBe("");
    expect(wordsOfLeft("CANCEL", amounts(2, 0, 3))).toBe(
      "3 others of the selection are left alone: what has ended cannot be cancelled.",
    );
    expect(wordsOfLeft("DELETE", amounts(2, 0, 1), true)).toBe(
      "1 other of the selection was left alone: only what has ended can be deleted.",
    );
    const many = { ...amounts(2), left: less({ atLeast: 10_000, isExact: false }, exactly(3)) };
    expect(wordsOfLeft("RETRY", many)).toContain("Others that match are left alone");
  });

  it("say how many run, and so cannot be put back", () => {
    expect(consequencesOf("CANCEL", amounts(3))).toContain("They wait, and can be put back");
    expect(consequencesOf("CANCEL", amounts(5, 2))).toMatch(
      /^2 of them run.*The 3 that wait can be put back/,
    );
    expect(consequencesOf("CANCEL", amounts(2, 1))).toMatch(
      /^1 of them runs.*The 1 that waits can be put back/,
    );
    expect(consequencesOf("CANCEL", amounts(2, 2))).toMatch(/^All of them run.*cannot be undone/);
    expect(consequencesOf("CANCEL", amounts(1, 1))).toMatch(/^It runs, and is stopped/);
    const many = { ...amounts(0, 4), able: { atLeast: 10_000, isExact: false } };
    expect(consequencesOf("CANCEL", many)).toMatch(/^4 of them run.*What waits can be put back/);
    expect(consequencesOf("DELETE", amounts(2))).toContain("gone for good");
  });
});
