/** The places of the page: what the sidebar lists, the palette finds and `g` plus a letter goes to. */
import {
  Activity,
  Boxes,
  CalendarClock,
  HeartPulse,
  History,
  Layers,
  ListChecks,
  Send,
  Server,
  Settings,
  UsersRound,
  type LucideIcon,
} from "lucide-react";
import { mayEnter, type Need, type Rights } from "@/lib/rights";

export interface Place {
  path: string;
  name: string;
  icon: LucideIcon;
  /** Pressed after `g`. */
  key: string;
  isBelow?: true;
  /** Whose place it is, where it is not everybody's: those who submit tasks, or administrators. */
  need?: Need;
}

export const PLACES: readonly Place[] = [
  { path: "/", name: "Overview", icon: Activity, key: "o" },
  { path: "/tasks", name: "Tasks", icon: ListChecks, key: "t", need: "client" },
  { path: "/submit", name: "Submit", icon: Send, key: "s", need: "client" },
  { path: "/queues", name: "Queues", icon: Layers, key: "q" },
  { path: "/workers", name: "Workers", icon: Server, key: "w" },
  { path: "/pools", name: "Pools", icon: Boxes, key: "p", need: "admin" },
  { path: "/schedules", name: "Schedules", icon: CalendarClock, key: "c", need: "client" },
  { path: "/activity", name: "Activity", icon: History, key: "a" },
  { path: "/users", name: "Users", icon: UsersRound, key: "u", isBelow: true, need: "admin" },
  { path: "/settings", name: "Settings", icon: Settings, key: "e", isBelow: true },
  { path: "/system", name: "System", icon: HeartPulse, key: "y", isBelow: true },
];

/** Those that somebody with these rights has something to do in. */
export function placesFor(rights: Rights): Place[] {
  return PLACES.filter(({ need }) => mayEnter(need, rights));
}

/** The place that an address belongs to. */
export function placeOf(path: string): Place | undefined {
  return PLACES.find(
    (place) => path === place.path || (place.path !== "/" && path.startsWith(`${place.path}/`)),
  );
}
