import { expect, it } from "vitest";
import { graphOf } from "@/lib/taskgraph";
import { placesOf } from "./places";

it("draws a line past a column beside its boxes, not behind them", () => {
  const known = new Map(
    Object.entries({ a: [], c: ["a"], d: ["a", "c"] }).map(([id, needs]) => [id, { node: id, needs }]),
  );
  const graph = graphOf("d", known, () => 0);
  const places = placesOf(graph, 900);
  const box = places.box("c");
  const [top, height] = [Number(box.top), Number(box.height)];
  const past = graph.edges.find(({ from, to }) => from === "a" && to === "d");
  // On its way through the column it runs level.
  const level = /([\d.]+)H/.exec(past ? places.line(past) : "")?.[1];
  expect(level).toBeDefined();
  expect(Number(level) < top || Number(level) > top + height).toBe(true);
  expect(Number(level)).toBeLessThanOrEqual(places.height);
});
