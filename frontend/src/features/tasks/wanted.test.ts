import { describe, expect, it } from "vitest";
import { filterOf, isNarrowed, paramsOf, wantedOf } from "./wanted";

const address = "status=queued%2Cfailed&queue=mail&function=multiply&q=six&priority=7&order=deadline";

describe("the address of a list", () => {
  it("comes back as it was", () => {
    expect(paramsOf(wantedOf(new URLSearchParams(address))).toString()).toBe(address);
  });

  it("becomes a filter", () => {
    expect(filterOf(wantedOf(new URLSearchParams(address)))).toEqual({
      status: ["QUEUED", "FAILED"],
      queue: ["mail"],
      function: ["multiply"],
      search: "six",
      priorityAtLeast: 7,
    });
  });

  it("leaves out what it cannot mean", () => {
    const wanted = wantedOf(new URLSearchParams("status=nonsense&priority=70&order=random"));
    expect(filterOf(wanted)).toEqual({});
    expect(isNarrowed(wanted)).toBe(false);
  });
});
