/** The pages of a list that were loaded, as one line of rows; a page that is read again fits in where it stood. */

export interface PageRead<R> {
  rows: readonly R[];
  endCursor: string | null;
  hasNext: boolean;
}

export interface Page<R> extends Omit<PageRead<R>, "rows"> {
  /** The cursor that it follows, by which it is known; null for the first. */
  after: string | null;
  /** null until it was read. */
  rows: readonly R[] | null;
  /** In which reading of the list it was read; in an earlier one, it is read again when somebody looks at it. */
  reading: number;
  /** Why it could not be read. */
  error: string | null;
}

interface Identified {
  id: string;
}

/** As many as the query of a page asks for. */
export const PAGE_ROWS = 100;

/** The browsers draw nothing beyond some 17 million pixels; that is this many cards of a narrow screen. */
export const MOST_ROWS = 200_000;

export function unread<R>(after: string | null): Page<R> {
  return { after, rows: null, endCursor: null, hasNext: false, reading: -1, error: null };
}

/** All rows. A list whose order changes may hold one twice, for its pages are of different moments: then it stands once. */
export function rowsOf<R extends Identified>(pages: readonly Page<R>[], isById: boolean): readonly R[] {
  const rows = pages.flatMap((page) => page.rows ?? []);
  return isById ? rows : [...new Map(rows.map((row) => [row.id, row])).values()];
}

/**
 * Whether the last page that was read holds fewer rows than it could though the list goes on: the api looks through what no
 * index serves for a moment at a time.
 */
export function isShort<R>(pages: readonly Page<R>[]): boolean {
  const read = pages.findLast(({ rows }) => rows !== null);
  return read?.rows != null && read.hasNext && read.rows.length < PAGE_ROWS;
}

/** With the page after the last one, to be read; the same where there is none. */
export function withNext<R>(pages: readonly Page<R>[]): readonly Page<R>[] {
  const last = pages.at(-1);
  const amount = pages.reduce((sum, { rows }) => sum + (rows?.length ?? 0), 0);
  const isLast = last?.rows == null || !last.hasNext || last.endCursor === null;
  return isLast || amount >= MOST_ROWS ? pages : [...pages, unread(last.endCursor)];
}

/**
 * With what was read of the page after a cursor.
 *
 * Read again it may end elsewhere. In a list ordered by id it is cut where the next one begins, so that all that was
 * loaded stays loaded; otherwise the pages behind it are let go, and follow its new end when they are wanted.
 */
export function withRead<R extends Identified>(
  pages: readonly Page<R>[],
  after: string | null,
  reading: number,
  read: PageRead<R>,
  isById: boolean,
): readonly Page<R>[] {
  const at = pages.findIndex((page) => page.after === after);
  const old = pages[at];
  if (old === undefined) return pages;
  const next = pages[at + 1];
  const page: Page<R> = { after, ...read, reading, error: null };
  const keep = (own: Page<R>) => [...pages.slice(0, at), own, ...pages.slice(at + 1)];
  if (next === undefined || (read.hasNext && read.endCursor === next.after)) return keep(page);
  if (!read.hasNext || !isById) return [...pages.slice(0, at), page];
  const behind = new Set(pages.slice(at + 1).flatMap(({ rows }) => rows?.map(({ id }) => id) ?? []));
  const cut = read.rows.findIndex(({ id }) => behind.has(id));
  if (cut === -1) return [...pages.slice(0, at), page];
  return keep({ ...page, rows: read.rows.slice(0, cut), endCursor: next.after, hasNext: true });
}

/** With a fault of the page after a cursor; of one that was read before, it stays as it was. */
export function withError<R>(pages: readonly Page<R>[], after: string | null, error: string) {
  return pages.map((page) => (page.after === after && page.rows === null ? { ...page, error } : page));
}

/** The cursors of those pages that have rows from `first` to `last`, or are being read. */
export function lookedAt<R>(pages: readonly Page<R>[], first: number, last: number): (string | null)[] {
  let start = 0;
  return pages.flatMap(({ after, rows }) => {
    const end = start + (rows?.length ?? 0);
    const isSeen = rows === null || (start <= last && end > first);
    start = end;
    return isSeen ? [after] : [];
  });
}
