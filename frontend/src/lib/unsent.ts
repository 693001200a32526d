/**
 * What was typed and not sent when a session ended by itself: whoever signs in again, as the same account, finds it where
 * it was. It is kept in this page's memory alone, and for nobody else.
 */
import { useEffect, useRef } from "react";

let isEnding = false;
let ownerId: string | null = null;
const kept = new Map<string, unknown>();

/** Forms that go away from here on do so because the session ended, not because somebody left them. */
export function sessionEnds(): void {
  isEnding = true;
}

/** Somebody is there: what others typed is forgotten. */
export function sessionBegins(userId: string): void {
  isEnding = false;
  if (userId !== ownerId) kept.clear();
  ownerId = userId;
}

/** What was typed at a place before the session ended; given back once. */
export function takeUnsent(place: string): unknown {
  const found = kept.get(place);
  kept.delete(place);
  return found;
}

/** Keeps what is typed at a place, should the session end. */
export function useUnsent(place: string, typed: unknown): void {
  const latest = useRef({ place, typed });
  useEffect(() => {
    latest.current = { place, typed };
  });
  useEffect(
    () => () => {
      if (isEnding) kept.set(latest.current.place, latest.current.typed);
    },
    [],
  );
}
