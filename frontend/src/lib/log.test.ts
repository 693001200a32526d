import { describe, expect, it } from "vitest";
import { amounts, attemptsIn, blocksOf, narrowed, NOTHING_TOLD, textOf, withMore, type Line } from "./log";

function line(message: string, more: Partial<Line> = {}): Line {
  return { number: 1, at: "2026-11-25T09:30:00.125Z", level: "INFO", message, isLate: false, ...more };
}

const lines = [
  line("looks", { level: "DEBUG" }),
  line("begins"),
  line("wonders", { level: "WARNING" }),
  line("gives up", { level: "ERROR" }),
  line("begins again", { number: 2 }),
];

describe("what was told", () => {
  it("grows at its end and keeps its place where nothing is told", () => {
    const first = withMore(NOTHING_TOLD, { lines: lines.slice(0, 2), cursor: "b", leftOut: 0 });
    const second = withMore(first, { lines: lines.slice(2), cursor: "e", leftOut: 7 });
    expect(second).toEqual({ lines, cursor: "e", leftOut: 7 });
    expect(withMore(second, NOTHING_TOLD)).toEqual(second);
  });
});

describe("a narrowed log", () => {
  const said = (found: readonly Line[]) => found.map(({ message }) => message);

  it("is the log itself where all is wanted", () => {
    expect(narrowed(lines, { level: "DEBUG", number: null })).toBe(lines);
  });

  it("has what is as grave or graver, of one attempt or of all", () => {
    expect(said(narrowed(lines, { level: "WARNING", number: null }))).toEqual(["wonders", "gives up"]);
    expect(said(narrowed(lines, { level: "INFO", number: 2 }))).toEqual(["begins again"]);
  });

  it("tells how many each choice would show", () => {
    expect(amounts(lines)).toEqual({ DEBUG: 5, INFO: 4, WARNING: 2, ERROR: 1 });
    expect(attemptsIn([...lines].reverse())).toEqual([1, 2]);
  });
});

describe("blocks", () => {
  it("cover 10,000 lines and what is left, each line once", () => {
    const blocks = blocksOf(10_050);
    expect(blocks).toHaveLength(101);
    expect(blocks.at(-1)).toEqual({ from: 10_000, to: 10_050 });
    expect(blocks.every(({ from }, index) => from === (blocks[index - 1]?.to ?? 0))).toBe(true);
    expect(blocksOf(0)).toEqual([]);
  });
});

it("is copied as text, a line each", () => {
  expect(textOf(lines.slice(3))).toBe(
    "2026-11-25T09:30:00.125Z  ERROR    #1  gives up\n2026-11-25T09:30:00.125Z  INFO     #2  begins again\n",
  );
});
