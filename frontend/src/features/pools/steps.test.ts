import { describe, expect, it } from "vitest";
import { HEIGHT, steps, WIDTH } from "./steps";

const at = (second: number) => new Date(Date.parse("2026-01-01T00:00:00Z") + second * 1_000).toISOString();

describe("steps", () => {
  it("hold each size until the next, and end now", () => {
    const sizes = [
      { at: at(0), desired: 0, actual: 0 },
      { at: at(30), desired: 2, actual: 0 },
      { at: at(60), desired: 2, actual: 2 },
    ];
    const drawn = steps(sizes, 60);
    expect(drawn.most).toBe(2);
    expect(drawn.desired).toBe(`M0 ${HEIGHT}H${WIDTH / 2}V4H${WIDTH}V4`);
    expect(drawn.actual).toBe(`M0 ${HEIGHT}H${WIDTH / 2}V${HEIGHT}H${WIDTH}V4`);
  });

  it("are nothing where nothing is known", () => {
    expect(steps([], 60)).toEqual({ desired: "", actual: "", area: "", most: 1 });
  });
});
