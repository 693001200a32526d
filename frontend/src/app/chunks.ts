/** Tells whether a part of the page is missing because the server has another build of it by now. */

/** How Chromium, Firefox and Safari say that an imported file did not come; Vite says it of a style sheet. */
const MISSING =
  /dynamically imported module|Importing a module script failed|Unable to preload CSS|is not a valid JavaScript MIME type/;
const ENTRY = /<script[^>]+src="([^"]*\/assets\/[^"]+\.js)"/;

export function isMissingChunk(error: unknown): boolean {
  return error instanceof Error && MISSING.test(error.message);
}

/** The first script that a page's HTML names. */
export function entryOf(html: string): string | null {
  return ENTRY.exec(html)?.[1] ?? null;
}

/** Whether the server's page begins with another script than this one; false where the server does not answer. */
export async function wasRebuilt(signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch("/", { cache: "no-store", signal });
    const entry = response.ok ? entryOf(await response.text()) : null;
    return entry !== null && document.querySelector(`script[src="${CSS.escape(entry)}"]`) === null;
  } catch {
    return false;
  }
}
