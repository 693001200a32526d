import { describe, expect, it } from "vitest";
import { MOST_CHANGED, placesOf, remember, seated, type WorkersTask } from "./worker-tasks";

function task(id: string, status: WorkersTask["status"], version = 1, worker = "w1"): WorkersTask {
  const at = `2026-01-01T00:00:0${version}Z`;
  const ended = status === "SUCCEEDED" || status === "FAILED";
  return {
    id,
    title: id,
    status,
    progress: null,
    startedAt: at,
    finishedAt: ended ? at : null,
    version,
    worker: { id: worker },
  };
}

const ids = (tasks: WorkersTask[]) => tasks.map(({ id }) => id);

describe("placesOf", () => {
  it("lets what changed overtake what was read, and not the other way", () => {
    const read = [task("a", "RUNNING"), task("b", "SUCCEEDED", 5), task("c", "ASSIGNED")];
    const changed = remember(new Map(), [
      task("a", "SUCCEEDED", 2),
      task("b", "RUNNING", 3),
      task("c", "RUNNING", 2, "w2"),
      task("d", "RUNNING", 2),
    ]);
    const { running, lane, left } = placesOf("w1", read, changed);
    expect([ids(running), ids(lane), ids(left)]).toEqual([["d"], [], ["b", "a"]]);
    expect(ids(placesOf("w2", read, changed).running)).toEqual(["c"]);
  });
});

describe("remember", () => {
  it("keeps the newest state of the latest", () => {
    const many = Array.from({ length: MOST_CHANGED + 5 }, (_, index) => task(`t${index}`, "RUNNING"));
    const kept = remember(remember(new Map(), [task("old", "RUNNING", 2)]), many);
    expect(kept.size).toBe(MOST_CHANGED);
    expect(kept.has("old")).toBe(false);
    expect(remember(kept, [task("t9", "SUCCEEDED", 0)]).get("t9")?.status).toBe("RUNNING");
  });
});

describe("seated", () => {
  it("keeps everybody in place, and fills the first gap", () => {
    const first = seated([], ["a", "b"], 3);
    expect(first).toEqual(["a", "b", null]);
    expect(seated(first, ["b", "c"], 3)).toEqual(["c", "b", null]);
  });

  it("finds room where more run than there are slots", () => {
    expect(seated(["a"], ["a", "b"], 1)).toEqual(["a", "b"]);
  });
});
