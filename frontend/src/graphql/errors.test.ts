import { CombinedError } from "@urql/core";
import { describe, expect, it } from "vitest";
import { isUnauthenticated, wordsOf } from "./errors";

function refused(code: string, requestId?: string) {
  return new CombinedError({ graphQLErrors: [{ message: "no", extensions: { code, requestId } }] });
}

describe("errors in words", () => {
  it("name the request where the server broke", () => {
    expect(wordsOf(refused("INTERNAL", "r1"))).toBe(
      "Something broke in the server. It is in its log. Request r1.",
    );
  });
  it("pass on what the server says of bad input", () =>
    expect(wordsOf(refused("BAD_USER_INPUT"))).toBe("no"));
  it("tell when the server is away", () => {
    expect(wordsOf(new CombinedError({ networkError: new TypeError("Failed to fetch") }))).toMatch(
      /cannot be reached/,
    );
  });
  it("know when one is signed out", () => {
    expect([refused("UNAUTHENTICATED"), refused("FORBIDDEN")].map(isUnauthenticated)).toEqual([true, false]);
  });
});
