import { describe, expect, it } from "vitest";
import { lineOf, percent, type Life } from "./timeline";

const life: Life = {
  createdAt: 1_000,
  queuedAt: null,
  dueAt: null,
  deadline: null,
  finishedAt: null,
  attempts: [],
};

describe("a task's line", () => {
  it("is one wait before the first attempt, moving with now", () => {
    expect(lineOf(life, 5_000)).toEqual({
      from: 1_000,
      to: 5_000,
      spans: [{ kind: "waiting", number: 0, from: 1_000, to: 5_000 }],
    });
  });

  it("shows attempts with the backoff between them", () => {
    const line = lineOf(
      {
        ...life,
        finishedAt: 9_000,
        attempts: [
          { number: 2, startedAt: 6_000, finishedAt: 9_000 },
          { number: 1, startedAt: 2_000, finishedAt: 3_000 },
        ],
      },
      20_000,
    );
    expect(line.spans.map((span) => [span.kind, span.from, span.to])).toEqual([
      ["waiting", 1_000, 2_000],
      ["attempt", 2_000, 3_000],
      ["backoff", 3_000, 6_000],
      ["attempt", 6_000, 9_000],
    ]);
    expect(line.to).toBe(9_000);
  });

  it("lets a running attempt end at now", () => {
    const line = lineOf({ ...life, attempts: [{ number: 1, startedAt: 2_000, finishedAt: null }] }, 4_000);
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
