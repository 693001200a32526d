/** One clock for the whole page: what shows how long ago something was changes together, once a second. */
import { useSyncExternalStore } from "react";

const readers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  if (timer === undefined) {
    now = Date.now();
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
  now = Date.now();
  for (const reader of readers) reader();
}

/** The present, in milliseconds, to the second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
