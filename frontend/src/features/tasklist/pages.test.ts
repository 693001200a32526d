import { describe, expect, it } from "vitest";
import { isShort, lookedAt, rowsOf, unread, withError, withNext, withRead, type Page } from "./pages";

interface Named {
  id: string;
}

const rows = (ids: string): Named[] => ids.split("").map((id) => ({ id }));
const ids = (pages: readonly Page<Named>[], isById = true) =>
  rowsOf(pages, isById)
    .map(({ id }) => id)
    .join("");

/** Pages of three, read one after the other. */
function loaded(...read: string[]): readonly Page<Named>[] {
  let pages: readonly Page<Named>[] = [unread(null)];
  read.forEach((text, index) => {
    if (index > 0) pages = withNext(pages);
    const after = pages.at(-1)?.after ?? null;
    pages = withRead(
      pages,
      after,
      0,
      { rows: rows(text), endCursor: text.at(-1) ?? null, hasNext: true },
      true,
    );
  });
  return pages;
}

describe("loading on", () => {
  it("puts page after page", () => {
    const pages = withNext(loaded("abc", "def"));
    expect(ids(pages)).toBe("abcdef");
    expect(pages.map(({ after }) => after)).toEqual([null, "c", "f"]);
  });

  it("waits for a page before it asks for the next, and ends with the list", () => {
    const waiting = withNext(loaded("abc"));
    expect(withNext(waiting)).toBe(waiting);
    const ended = withRead(waiting, "c", 0, { rows: rows("d"), endCursor: "d", hasNext: false }, true);
    expect(withNext(ended)).toBe(ended);
  });
});

describe("reading again", () => {
  const read = (text: string, hasNext = true) => ({
    rows: rows(text),
    endCursor: text.at(-1) ?? null,
    hasNext,
  });

  it("takes the rows as they are now", () => {
    const pages = withRead(loaded("abc", "def"), null, 1, read("abc"), true);
    expect(ids(pages)).toBe("abcdef");
    expect(pages.map(({ reading }) => reading)).toEqual([1, 0]);
  });

  it("cuts a page that reaches into the next because rows of it are gone", () => {
    const pages = withRead(loaded("abc", "def", "ghi"), null, 1, read("bcd"), true);
    expect(ids(pages)).toBe("bcdefghi");
    expect(pages.map(({ after }) => after)).toEqual([null, "c", "f"]);
  });

  it("cuts it too where it reaches over a page all of whose rows are gone", () => {
    const pages = withRead(loaded("abc", "def", "ghi"), "c", 1, read("ghi"), true);
    expect(ids(pages)).toBe("abcghi");
  });

  it("lets go what stands behind an end", () => {
    expect(ids(withRead(loaded("abc", "def", "ghi"), "c", 1, read("d", false), true))).toBe("abcd");
  });

  it("lets go what stands behind a page that ends elsewhere, so that no row falls between", () => {
    expect(ids(withRead(loaded("abc", "def"), null, 1, read("axb"), false))).toBe("axb");
    expect(ids(withRead(loaded("abc", "def"), null, 1, read("xyz"), true))).toBe("xyz");
  });

  it("knows nothing of a page that was let go", () => {
    const pages = loaded("abc");
    expect(withRead(pages, "z", 1, read("zzz"), true)).toBe(pages);
  });
});

it("shows a row once that two pages of different moments hold", () => {
  expect(ids(loaded("abc", "cde"), false)).toBe("abcde");
});

it("keeps a fault with the page that could not be read", () => {
  const pages = withError(withNext(loaded("abc")), "c", "The server cannot be reached.");
  expect(pages.map(({ error }) => error)).toEqual([null, "The server cannot be reached."]);
  expect(withError(pages, null, "Gone.")[0]?.error).toBeNull();
});

it("tells which pages are looked at", () => {
  const pages = loaded("abc", "def", "ghi");
  expect(lookedAt(pages, 0, 2)).toEqual([null]);
  expect(lookedAt(pages, 2, 3)).toEqual([null, "c"]);
  expect(lookedAt(pages, 7, 20)).toEqual(["f"]);
  expect(lookedAt(withNext(pages), 0, 0)).toEqual([null, "i"]);
});

describe("a page with fewer rows than it could hold", () => {
  const many = Array.from({ length: 100 }, (_, index) => ({ id: String(index) }));
  const read = (rows: Named[], hasNext: boolean): Page<Named> => ({
    ...unread(null),
    rows,
    endCursor: "z",
    hasNext,
  });

  it("is one after which the search goes on", () => {
    expect(isShort([read([], true)])).toBe(true);
    expect(isShort([read(many, true), read(many.slice(1), true)])).toBe(true);
    // The next one is on its way.
    expect(isShort([read([], true), unread<Named>("z")])).toBe(true);
  });

  it("ends the list where nothing follows", () => {
    expect(isShort([read([], true), read([], false)])).toBe(false);
    expect(isShort([read(many, true)])).toBe(false);
    expect(isShort([unread<Named>(null)])).toBe(false);
  });
});
