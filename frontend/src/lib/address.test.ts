import { expect, it } from "vitest";
import { decoded } from "./address";

it.each([
  ["mail%3Abulk", "mail:bulk"],
  ["100%", "100%"],
  ["%E0", "%E0"],
])("reads %s as %s", (part, words) => {
  expect(decoded(part)).toBe(words);
});
