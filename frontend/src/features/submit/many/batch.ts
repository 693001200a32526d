/** The name of a paste, kept over a reload: what was sent before it and is pasted again is not made twice. */
import { useState } from "react";

import { tab } from "@/lib/storage";

export interface Batch {
  id: string;
  /** It is kept while something of it is on its way, and no longer: the same text tomorrow is another paste. */
  keep: (isUnderWay: boolean) => void;
  /** What is pasted next is another paste. */
  renew: () => void;
}

export function useBatch(name: string): Batch {
  const place = `many.${name}`;
  const [id, setId] = useState(() => tab.recall(place) ?? fresh());
  return {
    id,
    keep: (isUnderWay) => tab.remember(place, isUnderWay ? id : null),
    renew: () => {
      tab.remember(place, null);
      setId(fresh());
    },
  };
}

/** crypto.randomUUID is not there without TLS. */
function fresh(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join("");
}
