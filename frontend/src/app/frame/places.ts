/** The places of the page: what the sidebar lists, the palette finds and `g` plus a letter goes to. */
import { Activity, Layers, ListChecks, Send, Server, Settings, type LucideIcon } from "lucide-react";

export interface Place {
  path: string;
  name: string;
  icon: LucideIcon;
  /** Pressed after `g`. */
  key: string;
  isBelow: boolean;
}

export const PLACES: readonly Place[] = [
  { path: "/", name: "Overview", icon: Activity, key: "o", isBelow: false },
  { path: "/tasks", name: "Tasks", icon: ListChecks, key: "t", isBelow: false },
  { path: "/submit", name: "Submit", icon: Send, key: "s", isBelow: false },
  { path: "/queues", name: "Queues", icon: Layers, key: "q", isBelow: false },
  { path: "/workers", name: "Workers", icon: Server, key: "w", isBelow: false },
  { path: "/settings", name: "Settings", icon: Settings, key: "e", isBelow: true },
];

/** The place that an address belongs to. */
export function placeOf(path: string): Place | undefined {
  return PLACES.find(
    (place) => path === place.path || (place.path !== "/" && path.startsWith(`${place.path}/`)),
  );
}
