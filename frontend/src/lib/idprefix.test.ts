import { describe, expect, it } from "vitest";
import { stretchOf } from "./idprefix";

// Made at 2022-09-07T13:19:24.516Z, by the same digits.
const ID = "task_01gcbzxg84pex5vsknk084sn02";

describe("the beginning of an id", () => {
  it("tells when its task was made", () => {
    const made = Number.parseInt("1gcbzxg84".replaceAll(/./g, digit), 2);
    const whole = stretchOf(ID);
    expect(whole).toEqual({
      after: new Date(made - 1_000).toISOString(),
      before: new Date(made + 1_000).toISOString(),
    });
    const less = stretchOf(ID.slice(0, 13).toUpperCase().replace("TASK", "task"));
    expect(Date.parse(less?.after ?? "")).toBeLessThanOrEqual(made - 1_000);
    expect(Date.parse(less?.before ?? "")).toBeGreaterThanOrEqual(made + 1_000);
  });

  it("is nothing else", () => {
    for (const text of ["task_01g", "task_zzzzzzzzzz", "user_01gcbzxg84", "task_01gcbzxgil", "multiply"])
      expect(stretchOf(text)).toBeNull();
  });
});

function digit(letter: string): string {
  return "0123456789abcdefghjkmnpqrstvwxyz".indexOf(letter).toString(2).padStart(5, "0");
}
