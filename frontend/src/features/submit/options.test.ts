import { describe, expect, it } from "vitest";
import { NO_OPTIONS, readOptions } from "./options";

const NOW = Date.parse("2026-11-25T09:00:00Z");

describe("options of a submit", () => {
  it("say nothing where nothing is set", () =>
    expect(readOptions(NO_OPTIONS, NOW)).toEqual({ options: {}, errors: {} }));

  it("become input", () => {
    const drafts = {
      ...NO_OPTIONS,
      priority: "9",
      maxAttempts: " 3 ",
      timeoutSeconds: "2.5",
      tags: "a, b c,,",
    };
    expect(readOptions(drafts, NOW)).toEqual({
      options: { priority: 9, maxAttempts: 3, timeoutSeconds: 2.5, tags: ["a", "b c"] },
      errors: {},
    });
  });

  it.each([
    ["maxAttempts", "0"],
    ["maxAttempts", "many"],
    ["timeoutSeconds", "0"],
    ["timeoutSeconds", "-1"],
    ["timeoutSeconds", "604801"],
    ["maxAttempts", "101"],
    ["priority", "11"],
    ["runAt", "tomorrow"],
    ["runAt", "5"],
    ["deadline", "2026-11-25T08:59:59Z"],
    ["onDeadline", "WAIT"],
    ["title", "x".repeat(201)],
    ["tags", "x".repeat(51)],
    ["tags", Array.from({ length: 21 }, (_, index) => index).join()],
  ])("refuse %s of %s", (name, draft) => {
    expect(Object.keys(readOptions({ ...NO_OPTIONS, [name]: draft }, NOW).errors)).toEqual([name]);
  });

  it("take ids of tasks and a limit key", () => {
    const one = "task_01h455vb4pex5vsknk084sn02q";
    expect(readOptions({ ...NO_OPTIONS, dependsOn: ` ${one}, ${one}`, limitKey: " acme " }, NOW)).toEqual({
      options: { dependsOn: [one, one], limitKey: "acme" },
      errors: {},
    });
    expect(readOptions({ ...NO_OPTIONS, dependsOn: "task_1" }, NOW).errors).toHaveProperty("dependsOn");
  });

  it("take instants in any zone, and know which must come first", () => {
    const read = (runAt: string, deadline: string) => readOptions({ ...NO_OPTIONS, runAt, deadline }, NOW);
    expect(read("2026-11-25T11:30:00+01:00", "2026-11-25T12:00:00Z")).toEqual({
      options: { runAt: "2026-11-25T10:30:00.000Z", deadline: "2026-11-25T12:00:00.000Z" },
      errors: {},
    });
    expect(Object.keys(read("2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z").errors)).toEqual(["deadline"]);
  });

  it("take a title, a queue, a key and what happens at the deadline", () => {
    const given = { title: " Rain ", queue: "default", idempotencyKey: "order-7", onDeadline: "FINISH_LATE" };
    expect(readOptions({ ...NO_OPTIONS, ...given }, NOW)).toEqual({
      options: { ...given, title: "Rain" },
      errors: {},
    });
  });
});
