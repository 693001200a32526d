import { describe, expect, it } from "vitest";
import { age, duration, instantOf, localOf, relative, seconds, exactShort } from "./time";

describe("duration", () => {
  it.each([
    [0, "0 ms"],
    [340.4, "340 ms"],
    [1_000, "1 s"],
    [1_240, "1.2 s"],
    [12_400, "12 s"],
    [59_700, "1 min"],
    [184_000, "3 min 4 s"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [266_400_000, "3 d 2 h"],
  ])("%d ms is %s", (ms, words) => expect(duration(ms)).toBe(words));

  it("has a dash for what is not known", () => {
    expect(seconds(null)).toBe("—");
    expect(seconds(0.0021)).toBe("2 ms");
  });
});

describe("relative", () => {
  const now = 1_000_000_000;
  it.each([
    [0, "now"],
    [-12_900, "12 s ago"],
    [-240_000, "4 min ago"],
    [4_000, "in 4 s"],
    [90_000_000, "in 1 d"],
    [90 * 86_400_000 - 400, "in 90 d"], // a token for 90 days, just made
    [-(90 * 86_400_000 - 400), "89 d ago"],
    [9_999, "in 10 s"],
    [59_600, "in 1 min"],
    [3_599_600, "in 1 h"],
    [5_300_000, "in 1 h"],
    [5_500_000, "in 2 h"],
    [1_400, "in 1 s"],
    [-59_600, "59 s ago"],
  ])("%d ms away is %s", (away, words) => expect(relative(now + away, now)).toBe(words));
});

describe("local instants", () => {
  it("come back as they went in", () => {
    expect(instantOf(localOf("2026-03-04T05:06:00.000Z"))).toBe("2026-03-04T05:06:00.000Z");
  });
  it("are null where nothing stands", () => {
    expect(instantOf("")).toBeNull();
    expect(instantOf("soon")).toBeNull();
  });
});

describe("age", () => {
  it.each([
    [0, "0 s"],
    [12_400, "12 s"],
    [200_000, "3 min"],
    [7_200_000, "2 h"],
    [-5, "0 s"],
  ])("%s ms is %s", (passed, words) => {
    expect(age(1_000_000, 1_000_000 + passed)).toBe(words);
  });
});

describe("an exact instant with little room", () => {
  const now = new Date("2026-01-12T20:00:00").getTime(); // without a zone: the reader's own
  it("is its time today, and has its day else", () => {
    expect(exactShort(new Date("2026-01-12T14:05:09").getTime(), now)).toBe("14:05:09");
    expect(exactShort(new Date("2026-01-11T14:05:09").getTime(), now)).toBe("11 Jan, 14:05");
  });
});
