import { describe, expect, it } from "vitest";
import type { TaskStatus } from "@/graphql/graphql";
import {
  ALL,
  chosenIn,
  isSelected,
  loadedToggled,
  NOTHING,
  ranged,
  runningIn,
  share,
  toggled,
  type Selectable,
  type Selection,
} from "./selection";

const STATUSES: Record<string, TaskStatus> = {
  a: "QUEUED",
  b: "RUNNING",
  c: "FAILED",
  d: "QUEUED",
  e: "SUCCEEDED",
};

const rows: Selectable[] = Object.entries(STATUSES).map(([id, status]) => ({
  id,
  status,
  viewerMayChange: true,
}));
const foreign: Selectable[] = rows.map((row) => ({ ...row, viewerMayChange: row.id !== "c" }));
const ids = (selection: Selection) => [...selection.ids.keys()].sort().join("");
const selected = (...chosen: string[]) =>
  chosen.reduce<Selection>((selection, id) => toggled(selection, rows, id), NOTHING);

describe("one", () => {
  it("is selected, and is not any more", () => {
    expect(ids(selected("a", "c"))).toBe("ac");
    expect(ids(selected("a", "c", "a"))).toBe("c");
  });

  it("of somebody else's is not", () => {
    expect(toggled(NOTHING, foreign, "c").ids.size).toBe(0);
  });
});

describe("a range", () => {
  it("reaches from the last choice, both ways", () => {
    expect(ids(ranged(selected("b"), rows, "d"))).toBe("bcd");
    expect(ids(ranged(selected("d"), rows, "b"))).toBe("bcd");
  });

  it("adds to what is selected and leaves out what may not be", () => {
    expect(ids(ranged(selected("e", "b"), foreign, "d"))).toBe("bde");
  });

  it("takes away where the last choice took away", () => {
    expect(ids(ranged(selected("a", "b", "c", "d", "b"), rows, "d"))).toBe("a");
  });

  it("goes on from its end", () => {
    expect(ids(ranged(ranged(selected("a"), rows, "b"), rows, "d"))).toBe("abcd");
  });

  it("is one task where there was no choice before, or it is gone", () => {
    expect(ids(ranged(NOTHING, rows, "c"))).toBe("c");
    expect(ids(ranged({ ...NOTHING, anchor: "z" }, rows, "c"))).toBe("c");
  });
});

describe("all that is loaded", () => {
  it("is selected, then nothing", () => {
    const all = loadedToggled(selected("a"), rows);
    expect(ids(all)).toBe("abcde");
    expect(loadedToggled(all, rows)).toBe(NOTHING);
  });

  it("is told apart from some", () => {
    expect(share(NOTHING, rows)).toBe("none");
    expect(share(selected("a"), rows)).toBe("some");
    expect(share(loadedToggled(NOTHING, foreign), foreign)).toBe("all");
    expect(
      share(loadedToggled(NOTHING, rows), [...rows, { id: "f", status: "QUEUED", viewerMayChange: true }]),
    ).toBe("some");
  });
});

describe("all that match", () => {
  it("are selected, loaded or not", () => {
    expect(isSelected(ALL, "never loaded")).toBe(true);
    expect(share(ALL, rows)).toBe("all");
  });

  it("without one are the others that are loaded", () => {
    const rest = toggled(ALL, rows, "b");
    expect(rest.isAll).toBe(false);
    expect(ids(rest)).toBe("acde");
  });
});

describe("what can be done", () => {
  const waiting = new Set<TaskStatus>(["QUEUED"]);

  it("goes by the status that the list shows now", () => {
    const later = rows.map((row) => (row.id === "a" ? { ...row, status: "SUCCEEDED" as const } : row));
    expect(chosenIn(selected("a", "b", "d"), rows, waiting)).toEqual(["a", "d"]);
    expect(chosenIn(selected("a", "b", "d"), later, waiting)).toEqual(["d"]);
  });

  it("goes by the status last seen where a task is not loaded any more", () => {
    expect(chosenIn(selected("a", "d"), [], waiting)).toEqual(["a", "d"]);
  });

  it("counts those that run, loaded or not any more", () => {
    const ended = rows.map((row) => (row.id === "b" ? { ...row, status: "SUCCEEDED" as const } : row));
    expect(runningIn(selected("a", "b"), rows)).toBe(1);
    expect(runningIn(selected("a", "b"), [])).toBe(1);
    expect(runningIn(selected("a", "b"), ended)).toBe(0);
    expect(runningIn(selected("a", "d"), rows)).toBe(0);
  });
});
