import { describe, expect, it } from "vitest";
import { askedOf, filterOf, isNarrowed, paramsOf, wordsOfWanted } from "./wanted";

const address =
  "status=queued%2Cfailed&queue=mail&function=multiply&tag=red&q=six&priority=7-up&since=1h&order=deadline";
const now = Date.parse("2026-11-25T12:00:00Z");
const read = (text: string) => askedOf(new URLSearchParams(text));
const wantedOf = (text: string) => read(text).wanted;

describe("the address of a list", () => {
  it("comes back as it was", () => {
    expect(paramsOf(wantedOf(address)).toString()).toBe(address);
  });

  it("becomes a filter", () => {
    expect(filterOf(wantedOf(address), now)).toEqual({
      status: ["QUEUED", "FAILED"],
      queue: ["mail"],
      function: ["multiply"],
      tag: ["red"],
      search: "six",
      priorityAtLeast: 7,
      createdAfter: "2026-11-25T11:00:00.000Z",
    });
  });

  it("can mean one priority alone, and a time from and to", () => {
    const asked = "priority=10&after=2026-01-01T00%3A00%3A00.000Z&before=2026-02-01T00%3A00%3A00.000Z";
    const wanted = wantedOf(asked);
    expect(paramsOf(wanted).toString()).toBe(asked);
    expect(filterOf(wanted, now)).toEqual({
      priority: [10],
      createdAfter: "2026-01-01T00:00:00.000Z",
      createdBefore: "2026-02-01T00:00:00.000Z",
    });
  });

  it("may be written in any case, and name a status after the other", () => {
    const { wanted, misread } = read(
      "status=FAILED&status=Queued,failed&priority=7-UP&since=24H&order=OLDEST_FIRST",
    );
    expect(misread).toEqual([]);
    expect(paramsOf(wanted).toString()).toBe(
      "status=queued%2Cfailed&priority=7-up&since=24h&order=oldest_first",
    );
  });

  it("tells what it cannot mean, part by part", () => {
    const { wanted, misread } = read(
      "status=faild,failed&priority=70&order=random&since=ever&after=soon&state=failed&queue=a&queue=b&action=recent",
    );
    expect(isNarrowed({ ...wanted, status: [], queue: "" })).toBe(false);
    expect(misread.map(({ asked }) => asked)).toEqual([
      "status=faild",
      "queue=b",
      "priority=70",
      "since=ever",
      "after=soon",
      "order=random",
      "state=failed",
      "action=recent",
    ]);
    expect(misread[0]?.allowed).toContain("blocked, scheduled, queued");
    expect(askedOf(new URLSearchParams("action=recent"), "action").misread).toEqual([]);
  });

  it("begins at one instant", () => {
    const { wanted, misread } = read("since=1h&after=2026-01-01");
    expect(misread).toEqual([{ asked: "after=2026-01-01T00:00:00.000Z", allowed: "either since or after" }]);
    expect(wanted.after).toBe("");
  });

  it("is said in words", () => {
    expect(wordsOfWanted(wantedOf(address))).toBe(
      "status Queued or Failed, queue mail, function multiply, tag red, search “six”, priority 7 and up, " +
        "submitted in the last hour",
    );
    expect(wordsOfWanted(wantedOf("order=deadline"))).toBe("");
  });
});
