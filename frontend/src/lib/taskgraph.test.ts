import { describe, expect, it } from "vitest";
import { graphOf, MOST_IN_COLUMN, MOST_NODES, type Known } from "./taskgraph";

/** `{ to: [from, ...] }` as tasks that know what they need. */
function tasks(needs: Record<string, string[]>): Map<string, Known<string>> {
  return new Map(Object.entries(needs).map(([id, needed]) => [id, { node: id, needs: needed }]));
}

const anyOrder = () => 0;

function columns(graph: ReturnType<typeof graphOf<string>>) {
  const found: Record<number, string[]> = {};
  for (const { id, rank } of graph.placed) (found[rank] ??= []).push(id);
  return found;
}

describe("a picture of tasks", () => {
  it("has what is needed to the left and what waits to the right", () => {
    const graph = graphOf("c", tasks({ a: [], b: ["a"], c: ["b"], d: ["c"], e: ["d"] }), anyOrder);
    expect(columns(graph)).toEqual({ "-2": ["a"], "-1": ["b"], 0: ["c"], 1: ["d"], 2: ["e"] });
    expect(graph.edges).toHaveLength(4);
  });

  it("draws no line backwards or within a column: who is needed twice stands farther off", () => {
    const graph = graphOf("c", tasks({ a: [], b: ["a"], c: ["a", "b"] }), anyOrder);
    expect(columns(graph)).toEqual({ "-2": ["a"], "-1": ["b"], 0: ["c"] });
    expect(graph.edges).toEqual([
      { from: "a", to: "b", via: [] },
      { from: "a", to: "c", via: ["-1 c"] },
      { from: "b", to: "c", via: [] },
    ]);
  });

  it("leads a line past a column through a gap between its boxes, which lines to the same task share", () => {
    const known = tasks({ a1: [], a2: [], b: ["a1", "a2"], c: ["a1", "a2", "b"], d: ["c"], e: ["c", "d"] });
    const graph = graphOf("c", known, anyOrder);
    expect(graph.gaps.map(({ id, rank }) => [id, rank])).toEqual([
      ["-1 c", -1],
      ["1 c", 1],
    ]);
    for (const gap of graph.gaps)
      for (const box of graph.placed) expect([box.rank, box.row]).not.toEqual([gap.rank, gap.row]);
    expect(graph.edges.filter(({ via }) => via.length > 0).map(({ from, to }) => from + to)).toEqual([
      "a1c",
      "a2c",
      "ce",
    ]);
  });

  it("leaves out what is tied to the task only through its own kin", () => {
    const graph = graphOf("c", tasks({ a: [], c: ["a"], brother: ["a"] }), anyOrder);
    expect(columns(graph)).toEqual({ "-1": ["a"], 0: ["c"] });
  });

  it("puts those beside each other that are tied", () => {
    const needs = { c: ["b1", "b2"], b1: ["a2"], b2: ["a1"], a1: [], a2: [] };
    expect(columns(graphOf("c", tasks(needs), anyOrder))).toMatchObject({
      "-1": ["b1", "b2"],
      "-2": ["a2", "a1"],
    });
  });

  it("shows the most urgent where there are too many, and says how many more", () => {
    const needed = Array.from({ length: 30 }, (_, index) => `need-${index}`);
    const known = tasks({ ...Object.fromEntries(needed.map((id) => [id, []])), c: needed });
    const graph = graphOf("c", known, (id) => (id === "need-29" ? 0 : 1));
    expect(columns(graph)[-1]).toHaveLength(MOST_IN_COLUMN);
    expect(columns(graph)[-1]).toContain("need-29");
    expect(graph.more.get(-1)).toBe(30 - MOST_IN_COLUMN);
  });

  it("is never larger than its bound", () => {
    const known = new Map<string, Known<string>>([["c", { node: "c", needs: [] }]]);
    let before = ["c"];
    for (const step of [1, 2, 3]) {
      const next = Array.from({ length: 40 }, (_, index) => `${step}-${index}`);
      for (const id of next) known.set(id, { node: id, needs: before });
      before = next;
    }
    for (let index = 0; index < 40; index++) known.set(`n${index}`, { node: "n", needs: [] });
    known.set("c", { node: "c", needs: Array.from({ length: 40 }, (_, index) => `n${index}`) });
    const graph = graphOf("c", known, anyOrder);
    const more = [...graph.more.values()].reduce((a, b) => a + b, 0);
    expect(graph.placed.length).toBeLessThanOrEqual(MOST_NODES);
    expect(graph.placed.length + more).toBe(known.size);
  });
});
