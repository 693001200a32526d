/** How this browser tells instants: by how long ago they were, or exactly. */
import { useSyncExternalStore } from "react";
import { recall, remember } from "./storage";

const readers = new Set<() => void>();
let areExact = recall("times") === "exact";

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  return () => readers.delete(reader);
}

export function useExactTimes(): boolean {
  return useSyncExternalStore(subscribe, () => areExact);
}

export function tellTimes(exactly: boolean): void {
  areExact = exactly;
  remember("times", exactly ? "exact" : "relative");
  for (const reader of readers) reader();
}
