/** What the palette leads to and does: pure, so that who is offered what can be tested. */
import {
  CalendarPlus,
  Keyboard,
  KeyRound,
  Layers,
  ListChecks,
  LogOut,
  Moon,
  Pause,
  Play,
  Search,
  Send,
  Sun,
  UserPlus,
  CalendarClock,
  type LucideIcon,
} from "lucide-react";
import { STATUS } from "@/features/tasks/looks";
import type { TaskStatus } from "@/graphql/graphql";
import { shortId } from "@/lib/format";
import { present } from "@/lib/now";
import { mayEnter, type Need, type Rights } from "@/lib/rights";
import { relative } from "@/lib/time";
import { placesFor } from "./places";

export interface Command {
  id: string;
  icon: LucideIcon;
  words: string;
  note: string;
  /** Where it leads, or what it does. */
  act: { href: string } | { run: Deed };
}

export type Deed = "live" | "theme" | "sheet" | "signout";

export interface Known {
  functions: readonly { name: string; description: string | null }[];
  queues: readonly { name: string }[];
  schedules: readonly { id: string; name: string }[];
}

export interface Surroundings extends Rights {
  isPaused: boolean;
  isDark: boolean;
}

const ID = /^(task|schedule|user)_[0-9a-z]{26}$/;
const BY_ID: Record<string, { words: string; href: (id: string) => string; need: Need }> = {
  task: { words: "Open this task", href: (id) => `/tasks/${id}`, need: "client" },
  schedule: { words: "Open this schedule", href: (id) => `/schedules?edit=${id}`, need: "client" },
  user: { words: "Open this account", href: (id) => `/users?id=${id}`, need: "admin" },
};

export interface FoundTask {
  id: string;
  title: string;
  status: TaskStatus;
  createdAt: string;
}

/** What comes later, when it was found, stands last: nothing moves under the finger. */
export function commandsFor(
  text: string,
  known: Known,
  here: Surroundings,
  found: readonly FoundTask[] = [],
): Command[] {
  const wanted = text.toLowerCase();
  const all = [
    ...places(here),
    ...deeds(here),
    ...queues(known),
    ...schedules(known, here),
    ...submits(known, here),
  ];
  const named = all.filter(({ words }) => words.toLowerCase().includes(wanted));
  return [...direct(text, here), ...named, ...search(text, here), ...tasks(found, text)];
}

function go(id: string, icon: LucideIcon, words: string, note: string, href: string): Command {
  return { id, icon, words, note, act: { href } };
}

function places(here: Rights): Command[] {
  return placesFor(here).map(({ path, name, icon, key }) => go(`go-${name}`, icon, name, `g ${key}`, path));
}

function deeds(here: Surroundings): Command[] {
  const client: Command[] = [
    go("new-schedule", CalendarPlus, "New schedule", "", "/schedules?new=yes"),
    go("new-token", KeyRound, "New API token", "in the settings", "/settings"),
    go("failed", ListChecks, "Failed tasks", "", "/tasks?status=failed"),
    go("running", ListChecks, "Running tasks", "", "/tasks?status=running"),
  ];
  const admin: Command[] = [go("new-user", UserPlus, "New account", "", "/users?new=yes")];
  return [
    ...(mayEnter("client", here) ? client : []),
    ...(mayEnter("admin", here) ? admin : []),
    {
      id: "live",
      icon: here.isPaused ? Play : Pause,
      words: here.isPaused ? "Go on with live updates" : "Pause live updates",
      note: "",
      act: { run: "live" },
    },
    {
      id: "theme",
      icon: here.isDark ? Sun : Moon,
      words: here.isDark ? "Light colours" : "Dark colours",
      note: "",
      act: { run: "theme" },
    },
    { id: "sheet", icon: Keyboard, words: "Keyboard shortcuts", note: "?", act: { run: "sheet" } },
    { id: "signout", icon: LogOut, words: "Sign out", note: "", act: { run: "signout" } },
  ];
}

function queues({ queues: all }: Known): Command[] {
  return all.map(({ name }) =>
    go(`queue-${name}`, Layers, `Queue ${name}`, "", `/queues/${encodeURIComponent(name)}`),
  );
}

function schedules({ schedules: all }: Known, here: Rights): Command[] {
  if (!mayEnter("client", here)) return [];
  return all.map(({ id, name }) => go(id, CalendarClock, `Schedule ${name}`, "", `/schedules?edit=${id}`));
}

function submits({ functions }: Known, here: Rights): Command[] {
  if (!mayEnter("client", here)) return [];
  return functions.map(({ name, description }) =>
    go(
      `submit-${name}`,
      Send,
      `Submit ${name}`,
      description?.split("\n")[0] ?? "",
      `/submit?function=${encodeURIComponent(name)}`,
    ),
  );
}

/** But for the one that is opened by its whole id. */
function tasks(found: readonly FoundTask[], text: string): Command[] {
  return found
    .filter(({ id }) => id !== text)
    .map(({ id, title, status, createdAt }) => {
      const { icon, word } = STATUS[status];
      const note = `${word}, ${relative(Date.parse(createdAt), present())}, ${shortId(id)}`;
      return go(`task-${id}`, icon, title, note, `/tasks/${id}`);
    });
}

function direct(text: string, here: Rights): Command[] {
  const kind = BY_ID[ID.exec(text)?.[1] ?? ""];
  if (kind === undefined || !mayEnter(kind.need, here)) return [];
  return [go("open", ListChecks, kind.words, text, kind.href(text))];
}

function search(text: string, here: Rights): Command[] {
  if (text === "" || !mayEnter("client", here)) return [];
  return [go("search", Search, `Search tasks for “${text}”`, "", `/tasks?q=${encodeURIComponent(text)}`)];
}
