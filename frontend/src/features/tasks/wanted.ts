/** Which tasks the list shows, as the address says it. */
import type { TaskStatus } from "@/graphql/graphql";
import { STATUSES } from "./looks";

export const ORDERS = ["NEWEST_FIRST", "OLDEST_FIRST", "NEXT_TO_RUN", "DEADLINE"] as const;

export interface Wanted {
  status: TaskStatus[];
  queue: string;
  function: string;
  search: string;
  /** At least this one. */
  priority: number | null;
  order: (typeof ORDERS)[number];
}

/** What an address asks for; what it cannot mean is left out. */
export function wantedOf(params: URLSearchParams): Wanted {
  const asked = new Set((params.get("status") ?? "").split(","));
  const priority = Number(params.get("priority"));
  return {
    status: STATUSES.filter((status) => asked.has(status.toLowerCase())),
    queue: params.get("queue") ?? "",
    function: params.get("function") ?? "",
    search: params.get("q") ?? "",
    priority: Number.isInteger(priority) && priority >= 2 && priority <= 10 ? priority : null,
    order: ORDERS.find((order) => order.toLowerCase() === params.get("order")) ?? "NEWEST_FIRST",
  };
}

export function paramsOf(wanted: Wanted): URLSearchParams {
  const params = new URLSearchParams();
  const put = (name: string, value: string) => {
    if (value !== "") params.set(name, value);
  };
  put("status", wanted.status.map((status) => status.toLowerCase()).join(","));
  put("queue", wanted.queue);
  put("function", wanted.function);
  put("q", wanted.search);
  put("priority", wanted.priority === null ? "" : String(wanted.priority));
  put("order", wanted.order === "NEWEST_FIRST" ? "" : wanted.order.toLowerCase());
  return params;
}

export function isNarrowed(wanted: Wanted): boolean {
  return paramsOf({ ...wanted, order: "NEWEST_FIRST" }).size > 0;
}

/** The same for the API; nothing where nothing is asked. */
export function filterOf(wanted: Wanted) {
  return {
    ...(wanted.status.length > 0 && { status: wanted.status }),
    ...(wanted.queue !== "" && { queue: [wanted.queue] }),
    ...(wanted.function !== "" && { function: [wanted.function] }),
    ...(wanted.search !== "" && { search: wanted.search }),
    ...(wanted.priority !== null && { priorityAtLeast: wanted.priority }),
  };
}
