/** Keys that work everywhere: ⌘K, `/`, `?`, `l`, `g` plus a letter, `j` and `k` in tables. */
import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { useLive } from "@/graphql/live";
import { useViewer } from "@/graphql/viewer";
import { hasModifier, isCovered, isTyping } from "@/lib/keys";
import { placesFor } from "./places";

interface Openers {
  openPalette: () => void;
  openSheet: () => void;
}

/** How long after `g` a letter still counts. */
const CHORD_MS = 1_200;
/** What sticks to the top of the page covers as much. */
const HEADS_PX = 120;

export function useShortcuts({ openPalette, openSheet }: Openers): void {
  const [, go] = useLocation();
  const chordAt = useRef(-Infinity);
  const viewer = useViewer();
  const live = useLive();
  useEffect(() => {
    const single: Record<string, () => boolean> = {
      "?": () => (openSheet(), true),
      "/": () => (focusSearch() || openPalette(), true),
      g: () => ((chordAt.current = performance.now()), true),
      l: () => (live.toggle(), true),
      j: () => step(1),
      k: () => step(-1),
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        openPalette();
        return;
      }
      if (hasModifier(event) || isTyping(event.target) || isCovered()) return;
      if (finishChord(event.key) || single[event.key]?.() === true) event.preventDefault();
    };
    const finishChord = (key: string): boolean => {
      const isChord = performance.now() - chordAt.current < CHORD_MS;
      chordAt.current = -Infinity;
      const place = isChord ? placesFor(viewer).find((each) => each.key === key) : undefined;
      if (place) go(place.path);
      return place !== undefined;
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}

function focusSearch(): boolean {
  const search = document.querySelector<HTMLInputElement>('main input[type="search"]');
  search?.focus();
  return search !== null;
}

/** To the next row's link, or the one before; true where there is a table. */
function step(by: 1 | -1): boolean {
  const rows = Array.from(document.querySelectorAll<HTMLElement>("main .row-link"));
  if (rows.length === 0) return false;
  const at = rows.findIndex((row) => row === document.activeElement);
  const to = at === -1 ? firstInSight(rows) : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[to]?.focus();
  rows[to]?.scrollIntoView({ block: "nearest" });
  return true;
}

/** The first row below the bar and the table's head; the first of all where none is. */
function firstInSight(rows: readonly HTMLElement[]): number {
  return Math.max(
    0,
    rows.findIndex((row) => row.getBoundingClientRect().top > HEADS_PX),
  );
}
