import { describe, expect, it } from "vitest";
import { assignedAtOf, labelsOf, lineOf, percent, ticks, type Life, type Mark } from "./timeline";

const life: Life = {
  createdAt: 1_000,
  queuedAt: null,
  assignedAt: null,
  dueAt: null,
  deadline: null,
  finishedAt: null,
  attempts: [],
};

describe("a task's line", () => {
  it("is one wait before the first attempt, moving with now", () => {
    expect(lineOf({ ...life, queuedAt: 1_000 }, 5_000)).toEqual({
      from: 1_000,
      to: 5_000,
      spans: [{ kind: "waiting", number: 0, from: 1_000, to: 5_000 }],
    });
  });

  it("is held while it is not ready, then in line", () => {
    const kinds = (queuedAt: number | null) =>
      lineOf({ ...life, queuedAt }, 5_000).spans.map(({ kind, from, to }) => [kind, from, to]);
    expect(kinds(null)).toEqual([["held", 1_000, 5_000]]);
    expect(kinds(4_000)).toEqual([
      ["held", 1_000, 4_000],
      ["waiting", 4_000, 5_000],
    ]);
  });

  it("shows attempts with the backoff between them", () => {
    const line = lineOf(
      {
        ...life,
        queuedAt: 5_000,
        finishedAt: 9_000,
        attempts: [
          { number: 2, assignedAt: null, startedAt: 6_000, finishedAt: 9_000 },
          { number: 1, assignedAt: null, startedAt: 2_000, finishedAt: 3_000 },
        ],
      },
      20_000,
    );
    expect(line.spans.map((span) => [span.kind, span.from, span.to])).toEqual([
      ["waiting", 1_000, 2_000],
      ["attempt", 2_000, 3_000],
      ["held", 3_000, 5_000],
      ["waiting", 5_000, 6_000],
      ["attempt", 6_000, 9_000],
    ]);
    expect(line.to).toBe(9_000);
  });

  it("tells being in a lane from being in line, before an attempt and now", () => {
    const spans = (more: Partial<Life>) =>
      lineOf({ ...life, queuedAt: 2_000, ...more }, 5_000).spans.map(({ kind, from, to }) => [
        kind,
        from,
        to,
      ]);
    expect(spans({ assignedAt: 3_000 })).toEqual([
      ["held", 1_000, 2_000],
      ["waiting", 2_000, 3_000],
      ["lane", 3_000, 5_000],
    ]);
    const attempts = [{ number: 1, assignedAt: 2_000, startedAt: 4_000, finishedAt: 4_500 }];
    expect(spans({ attempts, finishedAt: 4_500 })).toEqual([
      ["held", 1_000, 2_000],
      ["lane", 2_000, 4_000],
      ["attempt", 4_000, 4_500],
    ]);
  });

  it("knows when it was last assigned, and that what was pulled after was not", () => {
    const first = { number: 1, assignedAt: 2_000, startedAt: 4_000, finishedAt: 4_500 };
    const second = { number: 2, assignedAt: null, startedAt: 6_000, finishedAt: null };
    expect(assignedAtOf(life)).toBeNull();
    expect(assignedAtOf({ ...life, attempts: [first] })).toBe(2_000);
    expect(assignedAtOf({ ...life, attempts: [second, first] })).toBeNull();
    expect(assignedAtOf({ ...life, assignedAt: 7_000, attempts: [second, first] })).toBe(7_000);
  });

  it("lets a running attempt end at now", () => {
    const line = lineOf(
      { ...life, attempts: [{ number: 1, assignedAt: null, startedAt: 2_000, finishedAt: null }] },
      4_000,
    );
    expect(line.spans.at(-1)).toMatchObject({ kind: "attempt", to: 4_000 });
  });

  it("stretches to a deadline that is near and not to one that is far", () => {
    expect(lineOf({ ...life, deadline: 8_000 }, 5_000).to).toBe(8_000);
    expect(lineOf({ ...life, deadline: 90_000_000 }, 5_000).to).toBe(5_000);
  });

  it("knows where an instant stands", () => {
    const line = lineOf(life, 5_000);
    expect([percent(line, 1_000), percent(line, 3_000), percent(line, 99_000)]).toEqual([0, 50, 100]);
  });
});

describe("an axis", () => {
  it("has round lengths, each once, and no more than there is room for", () => {
    expect(ticks(1_940, 6)).toEqual([0, 500, 1_000, 1_500]);
    expect(ticks(3, 6)).toEqual([0, 1, 2, 3]);
    expect(ticks(1, 6)).toEqual([0, 1]);
    expect(ticks(50 * 86_400_000, 6)).toHaveLength(4);
  });
});

describe("words of marks", () => {
  const line = { from: 0, to: 1_000 };
  const mark = (words: string, at: number, kind: Mark["kind"] = "past"): Mark => ({ words, at, kind });
  const said = (marks: Mark[], width: number) => labelsOf(marks, line, width).map(({ words }) => words);

  it("stand apart where there is room", () => {
    expect(said([mark("submitted", 0), mark("ready", 500), mark("now", 1_000, "now")], 600)).toEqual([
      "submitted",
      "ready",
      "now",
    ]);
  });

  it("are told as one where they would cover each other, and stay within the line", () => {
    const marks = [mark("submitted", 0), mark("ready", 10), mark("succeeded", 1_000)];
    expect(said(marks, 600)).toEqual(["submitted, ready", "succeeded"]);
    expect(said(marks, 120)).toEqual(["submitted, ready, succeeded"]);
    for (const { left } of labelsOf(marks, line, 600)) expect(left).toBeGreaterThanOrEqual(0);
    expect(labelsOf(marks, line, 600).map(({ isAtEnd }) => isAtEnd)).toEqual([false, true]);
  });

  it("keep the look of what is not past", () => {
    const [label] = labelsOf([mark("failed", 990), mark("deadline", 1_000, "deadline")], line, 300);
    expect(label).toMatchObject({ words: "failed, deadline", kind: "deadline" });
  });
});
