/** Numbers and ids for eyes. */

const WHOLE = new Intl.NumberFormat("en-US");

/** 12,345 */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** 950, 12.3k, 1.2M: for places where a long number has no room. */
export function short(value: number): string {
  if (value < 10_000) return count(value);
  const [size, unit] = value < 999_500 ? [1_000, "k"] : [1_000_000, "M"];
  const scaled = value / size;
  return `${scaled < 99.95 ? scaled.toFixed(1).replace(/\.0$/, "") : Math.round(scaled)}${unit}`;
}

/** 0, 0.42, 1.3, 12, 1,240: a rate, with decimals only where they say something. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return "0";
  if (perSecond < 0.01) return "<0.01";
  if (perSecond < 1) return String(Number(perSecond.toFixed(2)));
  return perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond));
}

/** task_01h4…02q8: the end of an id is where ids of the same moment differ. */
export function shortId(id: string): string {
  const [kind, rest] = id.includes("_")
    ? [id.slice(0, id.indexOf("_") + 1), id.slice(id.indexOf("_") + 1)]
    : ["", id];
  return rest.length <= 12 ? id : `${kind}${rest.slice(0, 4)}…${rest.slice(-6)}`;
}

/** How many there are, as far as they were counted. */
export interface Total {
  atLeast: number;
  isExact: boolean;
}

// The api's `totalCount` goes no further than to one more than this.
const MOST_COUNTED = 10_000;

export function totalOf(totalCount: number): Total {
  const isExact = totalCount !== MOST_COUNTED + 1;
  return { atLeast: isExact ? totalCount : MOST_COUNTED, isExact };
}

/** How many tasks a list has; "10,000+ tasks" where they were not counted to the end. */
export function wordsOfTotal({ atLeast, isExact }: Total): string {
  return isExact ? plural(atLeast, "task") : `${count(atLeast)}+ tasks`;
}

export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}
