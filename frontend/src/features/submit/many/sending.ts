/** Many tasks on their way: in hundreds, each under a key of its own, so that none is made twice however often it is sent. */
import { formatExact, type Json } from "@/lib/exactjson";

export type Input = Record<string, Json>;

export interface Parcel {
  /** The line that it stands in. */
  line: number;
  key: string;
  input: Input;
}

export interface Refusal {
  /** The index among the inputs; null where none of them is at fault. */
  index: number | null;
  words: string;
}

/** The ids of the tasks, or why none of them was taken. */
export type Answer = { ids: string[]; refusal: null } | { ids: null; refusal: Refusal };

export interface Report {
  /** Of each parcel by its key: the task. */
  sent: Map<string, string>;
  /** Of each parcel by its key: why it was not taken. */
  refused: Map<string, string>;
  /** Why it did not go on: no parcel is to blame, and it can go on from there. */
  halted: string | null;
}

const AT_ONCE = 100;
/** Well below what the server takes in one request. */
const MOST_LETTERS = 500_000;

interface Sending {
  send: (inputs: Input[]) => Promise<Answer>;
  onProgress: (report: Report) => void;
  isStopped: () => boolean;
}

/** The server takes all tasks of a call or none: the one at fault is put aside, and the others go again. */
export async function sendAll(
  parcels: readonly Parcel[],
  { send, onProgress, isStopped }: Sending,
): Promise<Report> {
  const report: Report = { sent: new Map(), refused: new Map(), halted: null };
  let left = [...parcels];
  while (left.length > 0 && report.halted === null && !isStopped()) {
    const load = left.slice(0, fitting(left));
    const { ids, refusal } = await send(load.map(({ input, key }) => ({ idempotencyKey: key, ...input })));
    if (ids !== null) {
      load.forEach(({ key }, index) => report.sent.set(key, ids[index] ?? ""));
      left = left.slice(load.length);
    } else {
      const culprit = refusal.index === null ? undefined : load[refusal.index];
      if (culprit === undefined) report.halted = refusal.words;
      else {
        report.refused.set(culprit.key, refusal.words);
        left = left.filter((parcel) => parcel !== culprit);
      }
    }
    onProgress({ ...report, sent: new Map(report.sent), refused: new Map(report.refused) });
  }
  return report;
}

/** What was known before, and what a further round found. */
export function joined(before: Report, found: Report): Report {
  return {
    sent: new Map([...before.sent, ...found.sent]),
    refused: new Map([...before.refused, ...found.refused]),
    halted: found.halted,
  };
}

/** How many go at once: a hundred, or fewer where they are large; one at least. */
function fitting(parcels: readonly Parcel[]): number {
  let letters = 0;
  for (const [index, { input }] of parcels.slice(0, AT_ONCE).entries()) {
    letters += formatExact(input).length + 300;
    if (letters > MOST_LETTERS && index > 0) return index;
  }
  return Math.min(parcels.length, AT_ONCE);
}

/**
 * A key for each input, by what it says: a line that is mended or moved keeps the keys of all others. The same input
 * twice is two tasks, so it counts which one it is. `batch` sets this paste apart from the next.
 */
export function parcelsOf(rows: readonly { line: number; input: Input }[], batch: string): Parcel[] {
  const seen = new Map<string, number>();
  return rows.map(({ line, input }) => {
    const text = formatExact(input);
    const nth = (seen.get(text) ?? 0) + 1;
    seen.set(text, nth);
    const given = input["idempotencyKey"];
    return { line, input, key: typeof given === "string" ? given : `page-${batch}-${hash(text)}-${nth}` };
  });
}

/** cyrb53, a public-domain hash by bryc: 53 bits are plenty to tell the lines of one paste apart. */
function hash(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}
