/** Filters that somebody has given a name; kept in this browser, for each user of it. */
import { useCallback, useState } from "react";
import { recall, remember } from "@/lib/storage";

export interface View {
  name: string;
  /** What stands after the question mark. */
  address: string;
}

export const MOST_VIEWS = 30;
export const LONGEST_NAME = 40;

/** What is kept, as far as it can be understood. */
export function viewsOf(text: string | null): View[] {
  try {
    const kept: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(kept) ? kept.filter(isView).slice(0, MOST_VIEWS) : [];
  } catch {
    return [];
  }
}

/** With another view; one of the same name gives way. */
export function withView(views: readonly View[], view: View): View[] {
  return [...views.filter(({ name }) => name !== view.name), view].slice(-MOST_VIEWS);
}

export function useViews(userId: string) {
  const key = `views.${userId}`;
  const [views, setViews] = useState(() => viewsOf(recall(key)));
  const keep = useCallback(
    (next: View[]) => {
      setViews(next);
      remember(key, JSON.stringify(next));
    },
    [key],
  );
  return {
    views,
    save: (view: View) => keep(withView(views, view)),
    remove: (name: string) => keep(views.filter((view) => view.name !== name)),
  };
}

function isView(value: unknown): value is View {
  const view = value as View | null;
  return typeof view?.name === "string" && typeof view.address === "string";
}
