/** What was done, in words, and where what it was about is shown. */
import { mayEnter, type Rights } from "@/lib/rights";

/** What everybody does. */
const OF_ALL = {
  register: "signed up",
  login: "signed in",
  logout: "signed out",
  changePassword: "changed the own password",
  createApiToken: "made an API token",
  revokeApiToken: "revoked an API token",
};

/** What only those do who submit tasks, and administrators. */
const OF_CLIENTS = {
  submitTask: "submitted a task",
  submitTasks: "submitted tasks",
  cancelTask: "cancelled a task",
  retryTask: "retried a task",
  rescheduleTask: "rescheduled a task",
  deleteTask: "deleted a task",
  cancelTasks: "cancelled many tasks",
  retryTasks: "retried many tasks",
  rescheduleTasks: "rescheduled many tasks",
  deleteTasks: "deleted many tasks",
  createSchedule: "made a schedule",
  updateSchedule: "changed a schedule",
  pauseSchedule: "paused a schedule",
  resumeSchedule: "resumed a schedule",
  deleteSchedule: "deleted a schedule",
  runScheduleNow: "ran a schedule",
};

/** What only administrators do. */
const OF_ADMINS = {
  resetSystem: "reset the system",
  setLimit: "set a limit",
  removeLimit: "removed a limit",
  setQueueStrategy: "changed a queue’s strategy",
  setQueueRetention: "changed a queue’s retention",
  pauseQueue: "paused a queue",
  resumeQueue: "resumed a queue",
  startPool: "started a pool",
  updatePool: "changed a pool",
  stopPool: "stopped a pool",
  pauseWorker: "paused a worker",
  resumeWorker: "resumed a worker",
  stopWorker: "stopped a worker",
  createUser: "made an account",
  setUserRoles: "changed an account’s roles",
  disableUser: "disabled an account",
  enableUser: "enabled an account",
  setUserPassword: "set an account’s password",
  endUserSessions: "signed an account out",
};

const WORDS: Record<string, string> = { ...OF_ALL, ...OF_CLIENTS, ...OF_ADMINS };

export const ACTIONS = Object.keys(WORDS);

/** What may stand in the trail that somebody sees: others than administrators see only what they did. */
export function actionsFor(rights: Rights): string[] {
  return [
    ...Object.keys(OF_ALL),
    ...(mayEnter("client", rights) ? Object.keys(OF_CLIENTS) : []),
    ...(mayEnter("admin", rights) ? Object.keys(OF_ADMINS) : []),
  ];
}

/** One that this page does not know yet is told by its name. */
export function wordsOfAction(action: string): string {
  return WORDS[action] ?? spelled(action);
}

function spelled(action: string): string {
  return action.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Verbs whose past is not made by "ed" or "d" alone. */
const VERBS: Record<string, string> = {
  made: "make",
  submitted: "submit",
  cancelled: "cancel",
  retried: "retry",
  reset: "reset",
  ran: "run",
  set: "set",
  stopped: "stop",
  signed: "sign",
  started: "start",
};

/** "cancel a task": what was refused was only tried. */
export function wordsOfAttempt(action: string): string {
  const past = WORDS[action];
  if (past === undefined) return spelled(action);
  const [verb = "", ...rest] = past.split(" ");
  return [VERBS[verb] ?? verb.slice(0, -1), ...rest].join(" ");
}

interface Said {
  who: string;
  words: string;
}

/** Who did what, in words. A refused sign-in is of nobody: its target, if any, is the account that it was for. */
export function sentenceOf(
  { actorName, action, outcome }: { actorName: string | null; action: string; outcome: string },
  isTold: boolean,
): Said {
  const who = actorName ?? "Somebody";
  if (outcome === "OK") return { who, words: wordsOfAction(action) };
  if (action === "login")
    return { who, words: isTold ? "tried to sign in as" : "tried to sign in by a name that is not there" };
  return { who, words: `tried to ${wordsOfAttempt(action)}` };
}

const PLACES: Record<string, (id: string) => string> = {
  task: (id) => `/tasks/${id}`,
  schedule: (id) => `/schedules?edit=${id}`,
  worker: () => "/workers",
  pool: () => "/pools",
  limit: () => "/queues",
  token: () => "/settings",
  user: (id) => `/users?id=${id}`,
};

/** Where a target is shown; null where there is no such place. Names are of the queue or function that the action is about. */
export function hrefOf(target: string, action: string): string | null {
  const kind = /^([a-z]+)_[0-9a-z]{26}$/.exec(target)?.[1];
  if (kind !== undefined) return PLACES[kind]?.(target) ?? null;
  if (/Queue|Limit/.test(action)) return `/queues/${encodeURIComponent(target)}`;
  if (/^submitTask|Schedule$/.test(action)) return `/submit?function=${encodeURIComponent(target)}`;
  return null;
}

const ID = /^[a-z]+_[0-9a-z]{26}$/;
const MOST_SHOWN = 3;

interface Entry {
  action: string;
  outcome: string;
  targets: readonly string[];
  amount: number;
}

/** What an entry names, and how many more things it was about. A thing that comes with its id and its name is told once. */
export function targetsShown({ action, outcome, targets, amount }: Entry, names: Names) {
  // Who signs in or makes an account for themselves is who did it.
  const all = /^(login|register)$/.test(action) && outcome === "OK" ? [] : targets;
  const known = new Set(all.filter((target) => ID.test(target)).map((id) => names.get(id)));
  const told = all.filter((target) => !known.has(target));
  const named = told.some((target) => !target.startsWith("queue_"))
    ? told.filter((target) => !target.startsWith("queue_"))
    : told;
  const shown = named.slice(0, MOST_SHOWN);
  const things = shown.filter((target) => ID.test(target)).length;
  return { shown, more: amount > 1 ? amount - things : named.length - shown.length };
}

/** What things are called now, by their ids, as far as this account may know. */
export type Names = ReadonlyMap<string, string>;
