import { describe, expect, it } from "vitest";
import { boundsOf, draftOf, readDraft, scopeOf } from "./limits";

const LIMIT = { function: "mail", perKey: true, maxRunning: 5, maxStarts: 100, periodSeconds: 60 };

describe("a limit in words", () => {
  it("says of what it is", () => {
    expect(scopeOf(LIMIT)).toBe("Each limit key of mail");
    expect(scopeOf({ function: "mail", perKey: false })).toBe("mail");
    expect(scopeOf({ function: null, perKey: false })).toBe("The whole queue");
  });

  it("says its bounds", () => {
    expect(boundsOf(LIMIT)).toBe("5 at once, 100 starts in 1 min");
    expect(boundsOf({ ...LIMIT, maxStarts: null, periodSeconds: null })).toBe("5 at once");
  });
});

describe("readDraft", () => {
  it("gives back what a limit was made of", () => {
    const { input, errors } = readDraft(draftOf(LIMIT), "default");
    expect(errors).toEqual({});
    expect(input).toEqual({
      queue: "default",
      function: "mail",
      perKey: true,
      maxRunning: 5,
      maxStarts: 100,
      periodSeconds: 60,
    });
  });

  it("wants a function where the limit is of one, and a bound at all", () => {
    const { errors } = readDraft({ ...draftOf(null), scope: "function" }, "default");
    expect(Object.keys(errors).sort()).toEqual(["function", "maxRunning"]);
  });

  it("wants a period for starts", () => {
    expect(readDraft({ ...draftOf(null), maxStarts: "3" }, "q").errors["periodSeconds"]).toMatch(/together/);
    expect(readDraft({ ...draftOf(null), maxStarts: "0", periodSeconds: "1" }, "q").errors).toHaveProperty(
      "maxStarts",
    );
  });
});
