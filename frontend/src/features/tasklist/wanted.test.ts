import { describe, expect, it } from "vitest";
import { filterOf, isNarrowed, paramsOf, wantedOf, wordsOfWanted } from "./wanted";

const address =
  "status=queued%2Cfailed&queue=mail&function=multiply&tag=red&q=six&priority=7-up&since=1h&order=deadline";
const now = Date.parse("2026-11-25T12:00:00Z");

describe("the address of a list", () => {
  it("comes back as it was", () => {
    expect(paramsOf(wantedOf(new URLSearchParams(address))).toString()).toBe(address);
  });

  it("becomes a filter", () => {
    expect(filterOf(wantedOf(new URLSearchParams(address)), now)).toEqual({
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
    const wanted = wantedOf(new URLSearchParams(asked));
    expect(paramsOf(wanted).toString()).toBe(asked);
    expect(filterOf(wanted, now)).toEqual({
      priority: [10],
      createdAfter: "2026-01-01T00:00:00.000Z",
      createdBefore: "2026-02-01T00:00:00.000Z",
    });
  });

  it("leaves out what it cannot mean", () => {
    const wanted = wantedOf(new URLSearchParams("status=no&priority=70&order=random&since=ever&after=soon"));
    expect(filterOf(wanted, now)).toEqual({});
    expect(isNarrowed(wanted)).toBe(false);
  });

  it("is said in words", () => {
    expect(wordsOfWanted(wantedOf(new URLSearchParams(address)))).toBe(
      "status Queued or Failed, queue mail, function multiply, tag red, search “six”, priority 7 and up, " +
        "submitted in the last hour",
    );
    expect(wordsOfWanted(wantedOf(new URLSearchParams("order=deadline")))).toBe("");
  });
});
