import { describe, expect, it } from "vitest";
import { askedOf, filterOf, paramsOf } from "./asked";
import {
  ACTIONS,
  actionsFor,
  hrefOf,
  sentenceOf,
  targetsShown,
  wordsOfAction,
  wordsOfAttempt,
} from "./words";

const TASK = "task_01h455vb4pex5vsknk084sn02q";
const USER = "user_01h455vb4pex5vsknk084sn02q";

describe("the address", () => {
  it("says which entries are shown", () => {
    const text = `who=${USER}&what=cancelTask&on=${TASK}&since=24h&went=refused`;
    const { asked, misread } = askedOf(new URLSearchParams(text));
    expect(misread).toEqual([]);
    expect(paramsOf(asked).toString()).toBe(text);
    const filter = filterOf(asked, Date.parse("2026-01-02T00:00:00Z"));
    expect(filter).toMatchObject({ actorId: USER, action: ["cancelTask"], target: TASK });
    expect(filter.since).toBe("2026-01-01T00:00:00.000Z");
    expect(filter.outcome).not.toContain("OK");
  });

  it("may be written in any case", () => {
    const { asked, misread } = askedOf(new URLSearchParams("what=CANCELTASK&since=24H&went=Refused"));
    expect(misread).toEqual([]);
    expect(paramsOf(asked).toString()).toBe("what=cancelTask&since=24h&went=refused");
  });

  it("tells what it cannot mean", () => {
    const { asked, misread } = askedOf(new URLSearchParams("who=ann&since=long&went=well&whom=ann"));
    expect(filterOf(asked, 0)).toEqual({});
    expect(misread.map((part) => part.asked)).toEqual(["who=ann", "since=long", "went=well", "whom=ann"]);
  });
});

describe("the choice of what was done", () => {
  const admin = { isAdmin: true, isClient: false };
  const client = { isAdmin: false, isClient: true };
  const worker = { isAdmin: false, isClient: false };

  it("has each thing once, by words of its own", () => {
    expect(actionsFor(admin).toSorted()).toEqual(ACTIONS.toSorted());
    const words = ACTIONS.map(wordsOfAction);
    expect(words.filter((each, index) => words.indexOf(each) !== index)).toEqual([]);
  });

  it("offers nobody what only others do", () => {
    expect(actionsFor(client)).toEqual(expect.arrayContaining(["login", "cancelTasks", "runScheduleNow"]));
    expect(actionsFor(client).filter((action) => /Queue|Pool|User|Worker|Limit|System/.test(action))).toEqual(
      [],
    );
    expect(actionsFor(worker)).toContain("createApiToken");
    expect(actionsFor(worker).filter((action) => /Task|Schedule/.test(action))).toEqual([]);
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

  const shown = (
    action: string,
    targets: readonly string[],
    { amount = 1, outcome = "OK", names = new Map<string, string>() } = {},
  ) => targetsShown({ action, outcome, targets, amount }, names);

  it("call a thing by its name, once", () => {
    expect(shown("pauseQueue", ["queue_01h455vb4pex5vsknk084sn02q", "mails"]).shown).toEqual(["mails"]);
    const pool = "pool_01h455vb4pex5vsknk084sn02q";
    expect(shown("startPool", ["burst", pool], { names: new Map([[pool, "burst"]]) }).shown).toEqual([pool]);
    expect(shown("startPool", ["burst", pool]).shown).toEqual(["burst", pool]);
  });

  it("count what they do not name", () => {
    expect(shown("logout", []).more).toBe(0);
    expect(shown("login", [USER])).toEqual({ shown: [], more: 0 });
    expect(shown("submitTasks", ["multiply", TASK, `${TASK}a`], { amount: 50 }).more).toBe(49);
    expect(shown("cancelTask", ["a", "b", "c", "d"])).toEqual({ shown: ["a", "b", "c"], more: 1 });
  });

  it("say what was only tried", () => {
    expect(wordsOfAttempt("cancelTask")).toBe("cancel a task");
    expect(wordsOfAttempt("updatePool")).toBe("change a pool");
    expect(wordsOfAttempt("stopWorker")).toBe("stop a worker");
    expect(ACTIONS.map(wordsOfAttempt).filter((words) => /^\S*(ed|ad|id)\b/.test(words))).toEqual([]);
    const refused = { actorName: null, action: "login", outcome: "INVALID" };
    expect(sentenceOf(refused, true)).toEqual({ who: "Somebody", words: "tried to sign in as" });
    expect(sentenceOf(refused, false).words).toContain("a name that is not there");
    expect(sentenceOf({ ...refused, actorName: "ann", outcome: "OK" }, false).words).toBe("signed in");
    expect(shown("login", [USER], { outcome: "INVALID" }).shown).toEqual([USER]);
  });

  it("tell of what this page does not know yet", () => {
    expect(wordsOfAction("shelveTask")).toBe("shelve task");
    expect(ACTIONS).toContain("pauseQueue");
  });
});
