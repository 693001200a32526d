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

it("calls fields as the page does, and leaves alone what it does not know", () => {
  const errors = [
    { path: ["input", "maxWorkers"], message: "maxWorkers must be at least minWorkers; 2 is less than 3." },
    { path: [], message: "No worker offers sendMail." },
  ];
  expect(placed(errors, ["minWorkers", "maxWorkers"])).toEqual({
    at: { maxWorkers: "“Workers at most” must be at least “Workers at least”; 2 is less than 3." },
    rest: ["No worker offers sendMail."],
  });
});
