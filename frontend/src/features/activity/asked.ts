/** Which entries the page shows, as the address says it. */
import { Address, type Misread } from "@/lib/address";
import { ACTIONS } from "./words";

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

export function askedOf(params: URLSearchParams): { asked: Asked; misread: readonly Misread[] } {
  const address = new Address(params);
  const asked: Asked = {
    who: address.shaped("who", (text) => /^user_[0-9a-z]{26}$/.test(text), "an account’s id, user_…"),
    what: actionOf(address.text("what")),
    on: address.text("on"),
    since: address.choice("since", Object.keys(SPANS) as Span[]),
    went: address.choice("went", ["ok", "refused"]),
  };
  return { asked, misread: address.end() };
}

/** As the API spells it; one that this page does not know yet is asked for as it is. */
function actionOf(text: string): string {
  return ACTIONS.find((action) => action.toLowerCase() === text.toLowerCase()) ?? text;
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
