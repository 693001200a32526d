/** What went wrong, in words for people; the one table from codes to words. */
import type { CombinedError } from "@urql/core";

export interface UserError {
  code: string;
  message: string;
  path: string[];
}

/** What a mutation was refused for: never empty. */
export type Refusals = [UserError, ...UserError[]];

const WORDS: Record<string, string> = {
  UNAUTHENTICATED: "You are signed out. Sign in again.",
  FORBIDDEN: "You may not do that. An administrator can.",
  RATE_LIMITED: "Too many tries. Wait a minute, then try again.",
  INTERNAL: "Something broke in the server. It is in its log.",
};

export function isUnauthenticated(error: CombinedError): boolean {
  return error.graphQLErrors.some((each) => each.extensions["code"] === "UNAUTHENTICATED");
}

/** Whether the server was reached and said no; who is signed out meets the door anyway. */
export function isRefused(error: CombinedError): boolean {
  return error.graphQLErrors.length > 0 && !isUnauthenticated(error);
}

/** One sentence; with the request's number where somebody may look it up in the log. */
export function wordsOf(error: CombinedError): string {
  const [first] = error.graphQLErrors;
  if (first === undefined)
    return error.networkError?.message.startsWith("The server answered") === true
      ? error.networkError.message
      : "The server cannot be reached. Rota may be restarting; this page tries again by itself.";
  const code = first.extensions["code"];
  const words = (typeof code === "string" ? WORDS[code] : undefined) ?? first.message;
  const request = first.extensions["requestId"];
  return code === "INTERNAL" && typeof request === "string" ? `${words} Request ${request}.` : words;
}
