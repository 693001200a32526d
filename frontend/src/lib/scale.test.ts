import { describe, expect, it } from "vitest";
import { height, isWide, trailingRates } from "./scale";

describe("bars", () => {
  it("are shares of the tallest", () =>
    expect([0, 5, 10].map((n) => height(n, 10, false))).toEqual([0, 0.5, 1]));
  it("show one beside 300,000 on the log scale", () => {
    expect(height(1, 300_000, true)).toBeGreaterThan(0.05);
    expect(height(300_000, 300_000, true)).toBe(1);
  });
  it("know when a log scale helps", () => {
    expect(isWide([0, 3, 40])).toBe(false);
    expect(isWide([3, 300_000])).toBe(true);
  });
});

describe("trailing rates", () => {
  it("spread a burst over the window and forget it after", () => {
    const points = [0, 60, 0, 0, 0].map((amount) => ({ seconds: 20, amount }));
    expect(trailingRates(points, 60)).toEqual([0, 1, 1, 1, 0]);
  });
});
