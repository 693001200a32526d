import { describe, expect, it } from "vitest";
import { isFinal, mayMove, mayRetry, OUTCOME, STATUS, STATUSES } from "./looks";

describe("statuses", () => {
  it("differ by word and by icon, for not everybody sees colours", () => {
    expect(new Set(STATUSES.map((status) => STATUS[status].word)).size).toBe(STATUSES.length);
    expect(new Set(STATUSES.map((status) => STATUS[status].icon)).size).toBe(STATUSES.length);
  });

  it("can be retried only when they are over, and moved only when they wait", () => {
    for (const status of STATUSES) {
      if (mayRetry(status)) expect(isFinal(status)).toBe(true);
      expect(mayMove(status) && isFinal(status)).toBe(false);
    }
    expect(mayRetry("SUCCEEDED")).toBe(false);
    expect(mayMove("RUNNING")).toBe(false);
  });

  it("give an attempt the look of its task where they mean the same", () => {
    expect(OUTCOME.SUCCEEDED).toBe(STATUS.SUCCEEDED);
    expect(OUTCOME.LOST.hue).toBe("bad");
  });
});
