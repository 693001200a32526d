import { describe, expect, it } from "vitest";
import { draftOf, hueOf, newDraft, readDraft, runsInWords } from "./draft";

const KEPT = {
  name: "nightly",
  function: "report",
  cron: "0 3 * * *",
  timezone: "Europe/Berlin",
  catchUp: true,
  title: null,
  priority: 8,
  deadlineSeconds: 90,
  timeoutSeconds: 1.5,
  maxAttempts: null,
  tags: ["night", "money"],
  limitKey: "shop",
};

describe("readDraft", () => {
  it("gives back what a schedule was", () => {
    const { values, errors } = readDraft(draftOf(KEPT));
    expect(errors).toEqual({});
    expect(values).toEqual(KEPT);
  });

  it("says what is missing and what is no number", () => {
    const draft = { ...newDraft("UTC", ""), timeoutSeconds: "soon", maxAttempts: "0" };
    expect(Object.keys(readDraft(draft).errors).sort()).toEqual([
      "function",
      "maxAttempts",
      "name",
      "timeoutSeconds",
    ]);
  });
});

describe("runs", () => {
  it("are told in words", () => {
    const runs = ["SUCCEEDED", "SUCCEEDED", "FAILED"].map((status, id) => ({ id: String(id), status }));
    expect(runsInWords(runs)).toBe("Last 3 runs: 2 succeeded, 1 failed");
    expect(runsInWords([])).toBe("No runs yet");
  });

  it("have the hue of how they ended", () => {
    expect(["SUCCEEDED", "FAILED", "EXPIRED", "QUEUED"].map(hueOf)).toEqual([
      "good",
      "bad",
      "stopped",
      "working",
    ]);
  });
});
