/** Whether there is as little room as on a phone; the same bound stands in the style sheets. */
import { useSyncExternalStore } from "react";

const query = () => window.matchMedia("(max-width: 720px)");

function subscribe(reader: () => void): () => void {
  const media = query();
  media.addEventListener("change", reader);
  return () => media.removeEventListener("change", reader);
}

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => query().matches);
}
