/** What was done, in words, and where what it was about is shown. */

const WORDS: Record<string, string> = {
  register: "made an account",
  login: "signed in",
  logout: "signed out",
  createApiToken: "made an API token",
  revokeApiToken: "revoked an API token",
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
  resetSystem: "reset the system",
  createSchedule: "made a schedule",
  updateSchedule: "changed a schedule",
  pauseSchedule: "paused a schedule",
  resumeSchedule: "resumed a schedule",
  deleteSchedule: "deleted a schedule",
  runScheduleNow: "ran a schedule",
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

export const ACTIONS = Object.keys(WORDS);

/** One that this page does not know yet is told by its name. */
export function wordsOfAction(action: string): string {
  return WORDS[action] ?? action.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
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

/** A queue comes with its id and its name: the name says more. */
export function targetsShown(targets: readonly string[]): string[] {
  const shown = targets.filter((target) => !target.startsWith("queue_"));
  return shown.length > 0 ? shown : [...targets];
}
