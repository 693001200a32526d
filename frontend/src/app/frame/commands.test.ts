import { describe, expect, it } from "vitest";
import { commandsFor, type Known, type Surroundings } from "./commands";
import { PLACES } from "./places";

const KNOWN: Known = {
  functions: [{ name: "multiply", description: "Multiplies." }],
  queues: [{ name: "mails" }],
  schedules: [{ id: "schedule_1", name: "nightly" }],
};
const ADMIN: Surroundings = { isAdmin: true, isClient: true, isPaused: false, isDark: true };
const CLIENT = { ...ADMIN, isAdmin: false };
const WORKER = { ...CLIENT, isClient: false };
const TASK = "task_01h455vb4pex5vsknk084sn02q";

const words = (text: string, here: Surroundings) => commandsFor(text, KNOWN, here).map((each) => each.words);

describe("commandsFor", () => {
  it("knows every place and what can be done", () => {
    const all = words("", ADMIN);
    for (const { name } of PLACES) expect(all).toContain(name);
    for (const each of [
      "Queue mails",
      "Schedule nightly",
      "Submit multiply",
      "New account",
      "Pause live updates",
    ])
      expect(all).toContain(each);
  });

  it("offers to each what is for them", () => {
    expect(words("", CLIENT)).not.toContain("New account");
    expect(words("", CLIENT)).toContain("New schedule");
    for (const each of ["New schedule", "Submit multiply", "Tasks"])
      expect(words("", WORKER)).not.toContain(each);
    expect(words("", WORKER)).toContain("Sign out");
  });

  it("opens what an id names, and searches for any text", () => {
    const [first] = commandsFor(TASK, KNOWN, CLIENT);
    expect(first?.act).toEqual({ href: `/tasks/${TASK}` });
    expect(words(TASK, WORKER)).toEqual([]);
    expect(words("multi", CLIENT)).toEqual(["Submit multiply", "Search tasks for “multi”"]);
  });

  it("lists tasks that were found after all else, each with how it is", () => {
    const found = [
      { id: TASK, title: "Monthly sums", status: "FAILED", createdAt: "2026-01-01T00:00:00Z" },
    ] as const;
    const all = commandsFor("sums", KNOWN, CLIENT, found);
    expect(all.map((each) => each.words)).toEqual(["Search tasks for “sums”", "Monthly sums"]);
    expect(all[1]?.act).toEqual({ href: `/tasks/${TASK}` });
    expect(all[1]?.note).toMatch(/^Failed, .*task_01h4…4sn02q$/);
    // The one of this very id stands on top already.
    expect(commandsFor(TASK, KNOWN, CLIENT, found).map((each) => each.id)).toEqual(["open", "search"]);
  });

  it("says what a toggle would do now", () => {
    expect(words("live", { ...ADMIN, isPaused: true })[0]).toBe("Go on with live updates");
    expect(words("colours", { ...ADMIN, isDark: false })[0]).toBe("Dark colours");
  });
});
