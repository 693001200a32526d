import { describe, expect, it } from "vitest";
import { gather, mergeNewest, type Row } from "./newrows";

function row(id: string, second: number): Row {
  return { id, createdAt: new Date(second * 1_000).toISOString() };
}

const shown = [row("c", 30), row("b", 20)];
const none: ReadonlySet<string> = new Set();

describe("gathering", () => {
  it("counts a new row once, however often it changes", () => {
    const once = gather(none, [row("d", 40)], shown, false);
    expect([...gather(once, [row("d", 40), row("e", 41)], shown, false)]).toEqual(["d", "e"]);
  });

  it("leaves rows that are shown to the cache", () => {
    expect(gather(none, [row("b", 20)], shown, false)).toBe(none);
  });

  it("does not announce what lies behind the last row, unless the list is whole", () => {
    expect(gather(none, [row("a", 10)], shown, false).size).toBe(0);
    expect(gather(none, [row("a", 10)], shown, true).size).toBe(1);
  });

  it("does not announce what was submitted together with the last row and stands behind it", () => {
    expect(gather(none, [row("a", 20)], shown, false).size).toBe(0);
    expect(gather(none, [row("bb", 20)], shown, false).size).toBe(1);
  });

  it("counts to a thousand, and not on for ever", () => {
    const many = Array.from({ length: 1_500 }, (_, index) => row(`n${index}`, 50 + index));
    const full = gather(none, many, shown, false);
    expect(full.size).toBe(1_000);
    expect(gather(full, [row("z", 9_000)], shown, false)).toBe(full);
  });

  it("announces the first row of an empty list", () => {
    expect(gather(none, [row("a", 10)], [], true).size).toBe(1);
  });
});

describe("merging", () => {
  it("keeps the newest, each once", () => {
    const merged = mergeNewest(shown, [row("d", 40), row("c", 30)], 2);
    expect(merged.map((r) => r.id)).toEqual(["d", "c"]);
  });
});
