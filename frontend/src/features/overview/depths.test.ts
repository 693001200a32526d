import { describe, expect, it } from "vitest";
import { addressOf, layers, type Depth } from "./depths";

function depth(fresh: number, waiting: number, atRisk: number): Depth {
  const more = { priority: 7, oldestReadyAt: null, isExact: true };
  return { ...more, fresh, waiting, atRisk, depth: fresh + waiting + atRisk };
}

describe("layers", () => {
  it("stand on each other, what is at risk at the ground", () => {
    expect(layers(depth(2, 1, 1), 4, false)).toEqual([
      { part: "atRisk", y: 75, tall: 25 },
      { part: "waiting", y: 50, tall: 25 },
      { part: "fresh", y: 0, tall: 50 },
    ]);
  });

  it("are seen beside a column a hundred thousand times as tall", () => {
    expect(layers(depth(3, 0, 0), 300_000, false)).toEqual([{ part: "fresh", y: 97, tall: 3 }]);
    const [part] = layers(depth(3, 0, 0), 300_000, true);
    expect(part?.tall).toBeGreaterThan(10);
  });

  it("are none where nothing waits", () => {
    expect(layers(depth(0, 0, 0), 5, false)).toEqual([]);
  });
});

it("leads to the tasks of that priority and queue", () => {
  const params = new URL(addressOf(7, "mails & more"), "http://rota").searchParams;
  expect(Object.fromEntries(params)).toEqual({
    status: "queued,assigned",
    priority: "7",
    order: "next_to_run",
    queue: "mails & more",
  });
});
