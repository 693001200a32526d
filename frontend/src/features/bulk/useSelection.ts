/** Selecting tasks with the mouse and with the keyboard. */
import { useEffect, useMemo, useRef, useState } from "react";
import { ALL, loadedToggled, NOTHING, ranged, toggled, type Selectable, type Selection } from "./selection";

export interface Select {
  /** This row; with `isRange` all from the one chosen before. */
  one: (id: string, isRange: boolean) => void;
  loaded: () => void;
  all: () => void;
  nothing: () => void;
}

export function useSelection(rows: readonly Selectable[], first: Selection): [Selection, Select] {
  const [selection, set] = useState(first);
  // Rows change ten times a second; what they are called with must not, or each of them is drawn anew.
  const now = useRef(rows);
  useEffect(() => {
    now.current = rows;
  }, [rows]);
  const select = useMemo<Select>(
    () => ({
      one: (id, isRange) => set((selection) => (isRange ? ranged : toggled)(selection, now.current, id)),
      loaded: () => set((selection) => loadedToggled(selection, now.current)),
      all: () => set(ALL),
      nothing: () => set(NOTHING),
    }),
    [],
  );
  return [selection, select];
}
