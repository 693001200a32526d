import { describe, expect, it } from "vitest";
import { exactNumber, formatExact, heldDigits, holdExact, parseExact, releaseExact } from "./exactjson";

describe("exact JSON", () => {
  it.each([
    ["a big integer", '{"n":9007199254740993}'],
    ["a bigger one, below zero", '{"n":-123456789012345678901234567890}'],
    ["a long decimal", "[0.1234567890123456789]"],
    ["beyond what a number can hold", "[1e400]"],
    ["digits inside of a text", '{"id":"9007199254740993","q":"say \\"9007199254740993\\""}'],
    ["an ordinary double", "[0.30000000000000004]"],
    ["nested", '{"a":[{"b":18446744073709551615}],"c":null,"d":true}'],
  ])("keeps %s", (_, text) => {
    expect(formatExact(parseExact(text))).toBe(text);
  });

  it("leaves ordinary numbers numbers", () => {
    expect(parseExact('{"a":1,"b":2.5,"c":9007199254740991}')).toEqual({ a: 1, b: 2.5, c: 9007199254740991 });
  });

  it("does not touch a text with nothing to lose", () => {
    const text = '{"a": 12, "b": "x"}';
    expect(holdExact(text)).toBe(text);
  });

  it("shows a held number by its digits", () => {
    const value = parseExact("[12345678901234567890]") as string[];
    expect(heldDigits(value[0] ?? null)).toBe("12345678901234567890");
    expect(heldDigits("12345678901234567890")).toBeNull();
  });

  it("sends what was typed", () => {
    const args = { n: exactNumber("12345678901234567890"), m: exactNumber("7") };
    expect(releaseExact(JSON.stringify({ variables: { args } }))).toBe(
      '{"variables":{"args":{"n":12345678901234567890,"m":7}}}',
    );
  });
});
