import { describe, expect, it } from "vitest";
import { inAll } from "./states";

describe("inAll", () => {
  it("goes by the worst part", () => {
    expect(inAll(["OK", "OK"]).look.word).toBe("Well");
    expect(inAll(["OK", "WARNING"])).toMatchObject({
      look: { hue: "working" },
      words: "One part is not as it should be.",
    });
    expect(inAll(["WARNING", "OK", "DOWN"])).toMatchObject({ look: { hue: "bad" } });
  });

  it("counts them", () => {
    expect(inAll(["DOWN", "WARNING"]).words).toBe("2 parts are not as they should be.");
  });
});
