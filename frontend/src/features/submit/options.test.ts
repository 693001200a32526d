import { describe, expect, it } from "vitest";
import { NO_OPTIONS, readOptions } from "./options";

describe("options of a submit", () => {
  it("say nothing where nothing is set", () =>
    expect(readOptions(NO_OPTIONS)).toEqual({ options: {}, errors: {} }));

  it("become input", () => {
    const drafts = {
      ...NO_OPTIONS,
      priority: "9",
      maxAttempts: " 3 ",
      timeoutSeconds: "2.5",
      tags: "a, b c,,",
    };
    expect(readOptions(drafts)).toEqual({
      options: { priority: 9, maxAttempts: 3, timeoutSeconds: 2.5, tags: ["a", "b c"] },
      errors: {},
    });
  });

  it.each([
    ["maxAttempts", "0"],
    ["maxAttempts", "many"],
    ["timeoutSeconds", "0"],
    ["timeoutSeconds", "-1"],
  ])("refuse %s of %s", (name, draft) => {
    expect(Object.keys(readOptions({ ...NO_OPTIONS, [name]: draft }).errors)).toEqual([name]);
  });

  it("take ids of tasks and a limit key", () => {
    const one = "task_01h455vb4pex5vsknk084sn02q";
    expect(readOptions({ ...NO_OPTIONS, dependsOn: ` ${one}, ${one}`, limitKey: " acme " })).toEqual({
      options: { dependsOn: [one, one], limitKey: "acme" },
      errors: {},
    });
    expect(readOptions({ ...NO_OPTIONS, dependsOn: "task_1" }).errors).toHaveProperty("dependsOn");
  });
});
