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
