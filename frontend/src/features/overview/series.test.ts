import { describe, expect, it } from "vitest";
import { lonely, percentiles, rates, valueAt, type Point, type Tick } from "./series";

const none = { p50: null, p95: null, p99: null };
const START = Date.parse("2026-01-01T00:00:00Z");
const iso = (second: number) => new Date(START + second * 1_000).toISOString();

function point(second: number, more: Partial<Point> = {}): Point {
  return {
    at: iso(second),
    seconds: 15,
    submitted: 0,
    finished: 0,
    failed: 0,
    waitSeconds: none,
    runSeconds: none,
    ...more,
  };
}

function tick(second: number, submittedPerSecond: number): Tick {
  return {
    at: iso(second),
    submittedPerSecond,
    finishedPerSecond: 0,
    failedPerSecond: 0,
    waitSeconds: { p50: 1, p95: 2, p99: 3 },
    runSeconds: none,
  };
}

describe("series", () => {
  const points = [point(0, { submitted: 60, waitSeconds: { p50: 0.5, p95: 1, p99: 2 } }), point(15)];

  it("goes on with the ticks that the history does not cover", () => {
    const { at, lines } = rates(points, [tick(20, 9), tick(29, 9), tick(30, 4)]);
    expect(at.map((each) => each - START / 1_000)).toEqual([0, 15, 30]);
    expect(lines[0]).toMatchObject({ name: "Submitted", values: [1, 1, 4] });
  });

  it("holds what it last said for a minute, and leaves a gap where nothing started for longer", () => {
    const { lines } = percentiles([...points, point(45), point(60), point(75)], [tick(90, 0)], "waitSeconds");
    expect(lines.map(({ values }) => values)).toEqual([
      [0.5, 0.5, 0.5, null, null, 1],
      [1, 1, 1, null, null, 2],
      [2, 2, 2, null, null, 3],
    ]);
  });

  it("ends a line at a live figure of nothing", () => {
    const nothing = { ...tick(61, 0), waitSeconds: none };
    const { lines } = percentiles(points, [nothing], "waitSeconds");
    expect(lines[0]?.values).toEqual([0.5, 0.5, null]);
  });
});

describe("lonely", () => {
  it("is what no line would show", () => {
    expect(lonely([1, null, 2, 3, null, 4])).toEqual([0, 5]);
    expect(lonely([null, 1, undefined])).toEqual([1]);
    expect(lonely([])).toEqual([]);
  });
});

describe("valueAt", () => {
  it("is what the line says there, never something older", () => {
    expect(valueAt([null, 3, null], 1)).toBe(3);
    expect(valueAt([null, 3, null], 2)).toBeNull();
    expect(valueAt([null, 3], 9)).toBe(3);
    expect(valueAt([null, 3], 0)).toBeNull();
    expect(valueAt([], 0)).toBeNull();
  });
});
