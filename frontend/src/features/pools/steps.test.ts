import { describe, expect, it } from "vitest";
import { HEIGHT, marks, mostOf, sizeAt, steps, WIDTH } from "./steps";

const at = (second: number) => new Date(Date.parse("2026-01-01T00:00:00Z") + second * 1_000).toISOString();

describe("steps", () => {
  it("hold each size until the next, and end now", () => {
    const sizes = [
      { at: at(0), desired: 0, actual: 0 },
      { at: at(30), desired: 2, actual: 0 },
      { at: at(60), desired: 2, actual: 2 },
    ];
    expect(mostOf(sizes, [])).toBe(2);
    const drawn = steps(sizes, 60, 2);
    expect(drawn.desired).toBe(`M0 ${HEIGHT}H${WIDTH / 2}V4H${WIDTH}V4`);
    expect(drawn.actual).toBe(`M0 ${HEIGHT}H${WIDTH / 2}V${HEIGHT}H${WIDTH}V4`);
  });

  it("tell what held at an instant", () => {
    const sizes = [
      { at: at(0), desired: 1, actual: 0 },
      { at: at(60), desired: 2, actual: 2 },
    ];
    expect(sizeAt(sizes, 60, 0)?.size).toBe(sizes[0]);
    expect(sizeAt(sizes, 60, 0.99)?.size).toBe(sizes[0]);
    expect(sizeAt(sizes, 60, 1)).toEqual({ at: Date.parse(at(60)), size: sizes[1] });
    expect(sizeAt(sizes, 120, 0.4)).toBeNull();
  });

  it("are nothing where nothing is known", () => {
    expect(steps([], 60, mostOf([], []))).toEqual({ desired: "", actual: "", area: "" });
  });
});

describe("decisions", () => {
  const decision = (second: number, to: number) => ({
    at: at(second),
    from: 0,
    to,
    reason: `to ${to}`,
    isDryRun: false,
  });

  it("stand at their instant and at the size that they want; older ones are left out", () => {
    const sizes = [{ at: at(60), desired: 1, actual: 1 }];
    const decisions = [decision(30, 4), decision(61, 2), decision(-1, 3)];
    const most = mostOf(sizes, decisions);
    expect(most).toBe(4);
    const [middle, newest, ...none] = marks(decisions, sizes, 60, most);
    expect(none).toEqual([]);
    expect(middle).toMatchObject({ words: "to 4", left: 50 });
    expect(newest?.left).toBe(100);
    expect(newest?.bottom).toBeCloseTo((middle?.bottom ?? 0) / 2);
  });
});
