import { describe, expect, it } from "vitest";
import { dayOf } from "./days";

const at = (text: string) => new Date(text).getTime(); // without a zone: the reader's own
const NOW = at("2026-11-30T23:30:00");

describe("the day of a run", () => {
  it.each([
    ["2026-11-30T23:59:00", "today at 23:59"],
    ["2026-12-01T00:05:00", "tomorrow at 00:05"],
    ["2026-12-02T06:30:00", "Wednesday at 06:30"],
    ["2026-12-06T06:30:00", "Sunday at 06:30"],
  ])("%s is %s", (text, words) => {
    expect(dayOf(at(text), NOW)).toBe(words);
  });

  it("is a date where the weekday would be ambiguous, with its year where that is another", () => {
    expect(dayOf(at("2026-12-07T06:30:00"), NOW)).toMatch(/^7 Dec at 06:30$/);
    expect(dayOf(at("2027-01-01T06:30:00"), NOW)).toMatch(/2027.* at 06:30$/);
  });
});
