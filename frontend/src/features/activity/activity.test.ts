import { describe, expect, it } from "vitest";
import { askedOf, filterOf, paramsOf } from "./asked";
import { ACTIONS, hrefOf, targetsShown, wordsOfAction } from "./words";

const TASK = "task_01h455vb4pex5vsknk084sn02q";
const USER = "user_01h455vb4pex5vsknk084sn02q";

describe("the address", () => {
  it("says which entries are shown", () => {
    const text = `who=${USER}&what=cancelTask&on=${TASK}&since=24h&went=refused`;
    const asked = askedOf(new URLSearchParams(text));
    expect(paramsOf(asked).toString()).toBe(text);
    const filter = filterOf(asked, Date.parse("2026-01-02T00:00:00Z"));
    expect(filter).toMatchObject({ actorId: USER, action: ["cancelTask"], target: TASK });
    expect(filter.since).toBe("2026-01-01T00:00:00.000Z");
    expect(filter.outcome).not.toContain("OK");
  });

  it("leaves out what it cannot mean", () => {
    expect(filterOf(askedOf(new URLSearchParams("who=ann&since=long&went=well")), 0)).toEqual({});
  });
});

describe("entries", () => {
  it("lead to the thing", () => {
    expect(hrefOf(TASK, "cancelTask")).toBe(`/tasks/${TASK}`);
    expect(hrefOf("mails", "pauseQueue")).toBe("/queues/mails");
    expect(hrefOf("multiply", "submitTask")).toBe("/submit?function=multiply");
    expect(hrefOf(USER, "disableUser")).toBe(`/users?id=${USER}`);
    expect(hrefOf("bulk_01h455vb4pex5vsknk084sn02q", "cancelTasks")).toBeNull();
  });

  it("call a queue by its name", () => {
    expect(targetsShown(["queue_01h455vb4pex5vsknk084sn02q", "mails"])).toEqual(["mails"]);
  });

  it("tell of what this page does not know yet", () => {
    expect(wordsOfAction("shelveTask")).toBe("shelve task");
    expect(ACTIONS).toContain("pauseQueue");
  });
});
