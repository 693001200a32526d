/** What this browser remembers; a browser that keeps nothing is served all the same. */

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`rota.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`rota.${key}`, value);
  } catch {
    // Full or forbidden: it is forgotten at the next load, and nothing else changes.
  }
}

/** The same for as long as this tab is open. */
export const tab = {
  recall: (key: string): string | null => {
    try {
      return sessionStorage.getItem(`rota.${key}`);
    } catch {
      return null;
    }
  },
  /** Null forgets it. */
  remember: (key: string, value: string | null): void => {
    try {
      if (value === null) sessionStorage.removeItem(`rota.${key}`);
      else sessionStorage.setItem(`rota.${key}`, value);
    } catch {
      // As above.
    }
  },
};
