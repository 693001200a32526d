import { expect, it } from "vitest";
import { placed } from "./errorpaths";

it("puts each error at its field, and keeps what has none", () => {
  const errors = [
    { path: ["input", "args", "n", "0"], message: "first" },
    { path: ["input", "args", "n"], message: "second" },
    { path: ["input", "queue"], message: "no such queue" },
    { path: [], message: "busy" },
  ];
  expect(placed(errors, ["n", "m"])).toEqual({ at: { n: "first" }, rest: ["no such queue", "busy"] });
});
