/** The beginning of a task's id tells when it was made: an id is a time, in milliseconds, and then chance. */

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
/** So many digits are the time. */
const OF_TIME = 10;
/** Of fewer the time is told to no better than half a minute. */
const LEAST = 7;
/** A task is made a moment before or after its id. */
const APART_MS = 1_000;

/** The stretch in which a task with an id that begins so was made; null for what is no such beginning, or too short a one. */
export function stretchOf(text: string): { after: string; before: string } | null {
  const given = /^task_([0-7][0-9a-hjkmnp-tv-z]*)$/.exec(text.toLowerCase())?.[1];
  if (given === undefined || given.length < LEAST) return null;
  const digits = given.slice(0, OF_TIME);
  const instant = (fill: string) =>
    Array.from(digits.padEnd(OF_TIME, fill)).reduce((sum, digit) => sum * 32 + DIGITS.indexOf(digit), 0);
  return {
    after: new Date(instant("0") - APART_MS).toISOString(),
    before: new Date(instant("z") + APART_MS).toISOString(),
  };
}
