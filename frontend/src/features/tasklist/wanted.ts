/** Which tasks the list shows, as the address says it. */
import type { TaskStatus } from "@/graphql/graphql";
import { STATUS, STATUSES } from "@/features/tasks/looks";
import { Address, type Misread } from "@/lib/address";
import { exact } from "@/lib/time";

export const ORDERS = ["NEWEST_FIRST", "OLDEST_FIRST", "NEXT_TO_RUN", "DEADLINE"] as const;

/** How far back a list reaches, by the word in its address. */
export const SPANS: Record<string, { words: string; ms: number }> = {
  "15m": { words: "Last 15 minutes", ms: 900_000 },
  "1h": { words: "Last hour", ms: 3_600_000 },
  "24h": { words: "Last 24 hours", ms: 86_400_000 },
  "7d": { words: "Last 7 days", ms: 604_800_000 },
};

export interface Wanted {
  status: TaskStatus[];
  queue: string;
  function: string;
  tag: string;
  search: string;
  /** Exactly this one: "7"; this one and above: "7-up". */
  priority: string;
  /** One of SPANS, or "". */
  since: string;
  /** Instants. */
  after: string;
  before: string;
  order: (typeof ORDERS)[number];
}

export const EVERYTHING: Wanted = {
  status: [],
  queue: "",
  function: "",
  tag: "",
  search: "",
  priority: "",
  since: "",
  after: "",
  before: "",
  order: "NEWEST_FIRST",
};

export interface Asked {
  wanted: Wanted;
  /** What the address says besides and cannot mean: nothing is shown, or acted on, until that is mended. */
  misread: readonly Misread[];
}

/** What an address asks for; `others` are the names that it holds for something else. */
export function askedOf(params: URLSearchParams, ...others: string[]): Asked {
  const address = new Address(params);
  const instant = (name: string) => {
    const text = address.shaped(name, isInstant, "a date and a time, like 2030-11-25T09:30:00Z");
    return text === "" ? "" : new Date(text).toISOString();
  };
  const wanted: Wanted = {
    status: address.choices("status", STATUSES),
    queue: address.text("queue"),
    function: address.text("function"),
    tag: address.text("tag"),
    search: address.text("q"),
    priority: address.shaped("priority", isPriority, "1 to 10, or 2-up to 9-up").toLowerCase(),
    since: address.choice("since", Object.keys(SPANS)),
    after: instant("after"),
    before: instant("before"),
    order: address.choice("order", ORDERS) || "NEWEST_FIRST",
  };
  if (wanted.since !== "" && wanted.after !== "") {
    address.misread.push({ asked: `after=${wanted.after}`, allowed: "either since or after" });
    wanted.after = "";
  }
  return { wanted, misread: address.end(...others) };
}

function isInstant(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}

function isPriority(text: string): boolean {
  return /^([1-9]|10|[2-9]-up)$/i.test(text);
}

export function paramsOf(wanted: Wanted): URLSearchParams {
  const params = new URLSearchParams();
  const put = (name: string, value: string) => {
    if (value !== "") params.set(name, value);
  };
  put("status", wanted.status.map((status) => status.toLowerCase()).join(","));
  put("queue", wanted.queue);
  put("function", wanted.function);
  put("tag", wanted.tag);
  put("q", wanted.search);
  put("priority", wanted.priority);
  put("since", wanted.since);
  put("after", wanted.after);
  put("before", wanted.before);
  put("order", wanted.order === "NEWEST_FIRST" ? "" : wanted.order.toLowerCase());
  return params;
}

export function isNarrowed(wanted: Wanted): boolean {
  return paramsOf({ ...wanted, order: "NEWEST_FIRST" }).size > 0;
}

/** The same for the API, as of an instant; nothing where nothing is asked. */
export function filterOf(wanted: Wanted, now: number) {
  const span = SPANS[wanted.since];
  const after = span ? new Date(now - span.ms).toISOString() : wanted.after;
  const priority = Number.parseInt(wanted.priority, 10);
  return {
    ...(wanted.status.length > 0 && { status: wanted.status }),
    ...(wanted.queue !== "" && { queue: [wanted.queue] }),
    ...(wanted.function !== "" && { function: [wanted.function] }),
    ...(wanted.tag !== "" && { tag: [wanted.tag] }),
    ...(wanted.search !== "" && { search: wanted.search }),
    ...(wanted.priority !== "" &&
      (wanted.priority.endsWith("-up") ? { priorityAtLeast: priority } : { priority: [priority] })),
    ...(after !== "" && { createdAfter: after }),
    ...(wanted.before !== "" && { createdBefore: wanted.before }),
  };
}

/** The same for people, e.g. "status Queued or Failed, queue mail"; "" where nothing is asked. */
export function wordsOfWanted(wanted: Wanted): string {
  const parts: [string, string][] = [
    ["status", wanted.status.map((status) => STATUS[status].word).join(" or ")],
    ["queue", wanted.queue],
    ["function", wanted.function],
    ["tag", wanted.tag],
    ["search", wanted.search === "" ? "" : `“${wanted.search}”`],
    ["priority", wanted.priority.replace("-up", " and up")],
    ["submitted in the", (SPANS[wanted.since]?.words ?? "").toLowerCase()],
    ["submitted after", wanted.after === "" ? "" : exact(Date.parse(wanted.after))],
    ["submitted before", wanted.before === "" ? "" : exact(Date.parse(wanted.before))],
  ];
  return parts
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}
