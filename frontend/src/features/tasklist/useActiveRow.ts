/** The row that has the focus: it is kept while one scrolls away from it, and the keys go on from it. */
import { useEffect, useMemo, useRef, useState, type FocusEvent, type RefObject } from "react";

interface Identified {
  id: string;
}

export function useActiveRow(
  rows: readonly Identified[],
  body: RefObject<HTMLElement | null>,
  first: string | null,
) {
  const [id, setId] = useState(first);
  const index = useMemo(() => (id === null ? -1 : rows.findIndex((row) => row.id === id)), [rows, id]);
  // Where the focus goes once its row is drawn; at first to the row from which one went away.
  const wanted = useRef({ id: first, isStill: true });
  useEffect(() => {
    if (wanted.current.id === null) return;
    const link = body.current?.querySelector<HTMLElement>(
      `[data-id="${CSS.escape(wanted.current.id)}"] .row-link`,
    );
    if (link == null) return;
    link.focus({ preventScroll: true });
    if (!wanted.current.isStill) link.scrollIntoView({ block: "nearest" });
    wanted.current.id = null;
  });
  return {
    id,
    index,
    onFocus: ({ target }: FocusEvent<HTMLElement>) => {
      const row = target.closest<HTMLElement>("[data-id]")?.dataset["id"];
      if (row !== undefined) setId(row);
    },
    move: (by: 1 | -1) => {
      const next = rows[Math.min(rows.length - 1, Math.max(0, index + by))];
      if (next === undefined) return;
      wanted.current = { id: next.id, isStill: false };
      setId(next.id);
    },
  };
}
