/**
 * JSON whose numbers stay exactly as they were written.
 *
 * JavaScript's numbers lose digits beyond 2^53. A number that would change is held as a marked string instead, on
 * its way in and on its way out; the mark is drawn anew for each page load, so no text from outside can carry it.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const MARK = `\u0000${Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join("")}:`;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Below 16 digits and without an exponent nothing can be lost: most texts are done with one look. */
const MAY_LOSE = /\d{16}|\d\.\d{15}|\d[eE]/;
const HELD = new RegExp(JSON.stringify(MARK).slice(0, -1).replaceAll("\\", "\\\\") + '([^"]*)"', "g");

/** JSON text whose numbers that would lose digits are marked strings. */
export function holdExact(text: string): string {
  if (!MAY_LOSE.test(text)) return text;
  return text.replace(TOKEN, (token) =>
    token.startsWith('"') || survives(token) ? token : JSON.stringify(MARK + token),
  );
}

/** The text as it should have been: marked strings are numbers again. */
export function releaseExact(text: string): string {
  return text.replace(HELD, (_, digits: string) => digits);
}

function survives(token: string): boolean {
  const value = Number(token);
  if (!Number.isFinite(value)) return false;
  return String(value) === token || digitsOf(token).length <= 15;
}

function digitsOf(token: string): string {
  return token
    .replace(/[eE].*$/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+/, "");
}

/** Raises SyntaxError where the text is not JSON. */
export function parseExact(text: string): Json {
  return JSON.parse(holdExact(text)) as Json;
}

export function formatExact(value: Json, indent?: number): string {
  return releaseExact(JSON.stringify(value, null, indent));
}

/** An integer or decimal as it was typed, held exactly where a number could not. */
export function exactNumber(digits: string): Json {
  return survives(digits) ? Number(digits) : MARK + digits;
}

/** The digits of a number that is held, else null. */
export function heldDigits(value: Json): string | null {
  return typeof value === "string" && value.startsWith(MARK) ? value.slice(MARK.length) : null;
}
