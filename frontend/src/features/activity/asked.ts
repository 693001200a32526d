/** Which entries the page shows, as the address says it. */

export const SPANS = { "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000 } as const;
export type Span = keyof typeof SPANS;

export interface Asked {
  /** An account's id. */
  who: string;
  /** A mutation's name. */
  what: string;
  /** An id or a name. */
  on: string;
  since: Span | "";
  /** How it went. */
  went: "ok" | "refused" | "";
}

export function askedOf(params: URLSearchParams): Asked {
  const since = params.get("since") ?? "";
  const went = params.get("went");
  return {
    who: /^user_[0-9a-z]{26}$/.test(params.get("who") ?? "") ? (params.get("who") ?? "") : "",
    what: params.get("what") ?? "",
    on: params.get("on") ?? "",
    since: since in SPANS ? (since as Span) : "",
    went: went === "ok" || went === "refused" ? went : "",
  };
}

export function paramsOf(asked: Asked): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value !== "") params.set(name, value as string);
  return params;
}

/** What the API refuses with; `OK` is none of them. */
const REFUSALS = [
  "INVALID",
  "NOT_FOUND",
  "FORBIDDEN",
  "CONFLICT",
  "UNKNOWN_FUNCTION",
  "RATE_LIMITED",
  "TOO_LARGE",
  "INTERNAL",
];

export function filterOf({ who, what, on, since, went }: Asked, now: number) {
  return {
    ...(who !== "" && { actorId: who }),
    ...(what !== "" && { action: [what] }),
    ...(on !== "" && { target: on }),
    ...(since !== "" && { since: new Date(now - SPANS[since]).toISOString() }),
    ...(went === "ok" && { outcome: ["OK"] }),
    ...(went === "refused" && { outcome: REFUSALS }),
  };
}
