/** Errors from the server, each at the field that it means. */

export interface Placed {
  /** By the last part of their path. */
  at: Record<string, string>;
  /** Those that mean no field that is shown. */
  rest: string[];
}

/** What the API's names are called on the page: words that are no words. */
export const CALLED: Readonly<Record<string, string>> = {
  runAt: "Not before",
  onDeadline: "At the deadline",
  deadlineSeconds: "Deadline",
  timeoutSeconds: "Timeout",
  maxAttempts: "Attempts",
  dependsOn: "Depends on",
  limitKey: "Limit key",
  idempotencyKey: "Idempotency key",
  minWorkers: "Workers at least",
  maxWorkers: "Workers at most",
  slotsPerWorker: "Slots a worker",
  targetWaitSeconds: "Target wait, seconds",
  maxRunning: "Running at once",
  maxStarts: "Starts",
  periodSeconds: "In, seconds",
  currentPassword: "Current password",
  newPassword: "New password",
  expiresInDays: "Expires",
};

/** “Workers at most” must be at least “Workers at least”: as the fields are labelled that one sees. */
function inWords(message: string): string {
  return message.replace(/[a-z]+[A-Z]\w*/g, (name) =>
    Object.hasOwn(CALLED, name) ? `“${CALLED[name] ?? name}”` : name,
  );
}

/** Nothing was refused yet. */
export const NOTHING: Placed = { at: {}, rest: [] };

/** `shown` are the fields of the form; the first error of a field is the one to show. */
export function placed(
  errors: readonly { path: readonly string[]; message: string }[],
  shown: readonly string[],
): Placed {
  const result: Placed = { at: {}, rest: [] };
  for (const { path, message: told } of errors) {
    const message = inWords(told);
    const name = path.find((part) => shown.includes(part));
    if (name === undefined) result.rest.push(message);
    else result.at[name] ??= message;
  }
  return result;
}
