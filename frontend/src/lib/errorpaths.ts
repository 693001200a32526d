/** Errors from the server, each at the field that it means. */

export interface Placed {
  /** By the last part of their path. */
  at: Record<string, string>;
  /** Those that mean no field that is shown. */
  rest: string[];
}

/** Nothing was refused yet. */
export const NOTHING: Placed = { at: {}, rest: [] };

/** `shown` are the fields of the form; the first error of a field is the one to show. */
export function placed(
  errors: readonly { path: readonly string[]; message: string }[],
  shown: readonly string[],
): Placed {
  const result: Placed = { at: {}, rest: [] };
  for (const { path, message } of errors) {
    const name = path.find((part) => shown.includes(part));
    if (name === undefined) result.rest.push(message);
    else result.at[name] ??= message;
  }
  return result;
}
