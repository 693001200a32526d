import { describe, expect, it } from "vitest";
import { viewsOf, withView } from "./views";

const red = { name: "Red", address: "tag=red" };

describe("views", () => {
  it("are read as far as they can be understood", () => {
    expect(viewsOf(JSON.stringify([red, { name: 7 }, null, "x"]))).toEqual([red]);
    expect(viewsOf("nonsense")).toEqual([]);
    expect(viewsOf(null)).toEqual([]);
    expect(viewsOf('{"name": "x"}')).toEqual([]);
  });

  it("of the same name give way", () => {
    const other = { name: "Red", address: "tag=crimson" };
    expect(withView([red, { name: "Blue", address: "" }], other)).toEqual([
      { name: "Blue", address: "" },
      other,
    ]);
  });
});
