import { describe, expect, it } from "vitest";
import { plural, rate, short, shortId, totalOf, wordsOfTotal } from "./format";

describe("short numbers", () => {
  it.each([
    [0, "0"],
    [9_999, "9,999"],
    [12_345, "12.3k"],
    [99_960, "100k"],
    [300_000, "300k"],
    [999_700, "1M"],
    [1_240_000, "1.2M"],
  ])("%d is %s", (value, words) => expect(short(value)).toBe(words));
});

describe("rates", () => {
  it.each([
    [0, "0"],
    [0.04, "0.04"],
    [0.42, "0.42"],
    [0.1, "0.1"],
    [0.002, "<0.01"],
    [1.26, "1.3"],
    [12.4, "12"],
    [1_240, "1,240"],
  ])("%d is %s", (value, words) => expect(rate(value)).toBe(words));
});

describe("ids", () => {
  it("keep their kind and their end", () => {
    expect(shortId("task_01h455vb4pex5vsknk084sn02q")).toBe("task_01h4…4sn02q");
  });
  it("stay whole where they are short", () => expect(shortId("queue_default")).toBe("queue_default"));
});

it("counts in words", () =>
  expect([plural(1, "task"), plural(1_200, "task")]).toEqual(["1 task", "1,200 tasks"]));

it("says where a list was not counted to the end", () =>
  expect([1, 10_000, 10_001, 12_345].map((one) => wordsOfTotal(totalOf(one)))).toEqual([
    "1 task",
    "10,000 tasks",
    "10,000+ tasks",
    "12,345 tasks",
  ]));
