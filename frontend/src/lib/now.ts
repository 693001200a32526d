/**
 * One clock for the whole page: what shows how long ago something was changes together, once a second. It goes by the
 * server's time, for all instants are the server's: a machine whose own clock is wrong must not call them "in 5 min".
 */
import { useSyncExternalStore } from "react";

/** HTTP tells an instant in whole seconds, and servers look at their clock once a second for it. */
const TOLD_TO_MS = 2_000;

const readers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
/** By how much the server's clock is ahead of this machine's. */
let ahead = 0;
let now = present();

/** What time it is by the server, in milliseconds. */
export function present(): number {
  return Date.now() + ahead;
}

/**
 * What a response's `Date` says, and when this machine's clock had it sent for and there. It leaves a range for the
 * difference, and the difference is moved into that by no more than it must: clocks that agree are left as they are,
 * and each response makes it more exact.
 */
export function hearTime(told: string | null, askedAt: number, answeredAt: number): void {
  const at = Date.parse(told ?? "");
  if (Number.isNaN(at)) return;
  const [least, most] = [at - answeredAt, at + TOLD_TO_MS - askedAt];
  if (least <= most) ahead = Math.min(most, Math.max(least, ahead));
}

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  if (timer === undefined) {
    now = present();
    timer = setInterval(tick, 1_000);
  }
  return () => {
    readers.delete(reader);
    if (readers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function tick(): void {
  now = present();
  for (const reader of readers) reader();
}

/** The present by the server, in milliseconds, to the second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
