/** Which stretch, scale and queue the charts show, as the address says it. */
import { Address, type Misread } from "@/lib/address";
import { RANGES } from "./series";

export interface Asked {
  range: (typeof RANGES)[number];
  /** "" where the amounts decide. */
  scale: "linear" | "log" | "";
  /** One of those that are there; "" is all. */
  queue: string;
}

export function askedOf(
  params: URLSearchParams,
  queues: readonly string[],
): { asked: Asked; misread: readonly Misread[] } {
  const address = new Address(params);
  const key = address.choice(
    "range",
    RANGES.map(({ key }) => key),
  );
  const asked: Asked = {
    range: RANGES.find((range) => range.key === key) ?? RANGES[0],
    scale: address.choice("scale", ["linear", "log"]),
    queue: address.choice("queue", queues),
  };
  return { asked, misread: address.end() };
}

export function paramsOf({ range, scale, queue }: Asked): URLSearchParams {
  const params = new URLSearchParams();
  if (range !== RANGES[0]) params.set("range", range.key);
  if (scale !== "") params.set("scale", scale);
  if (queue !== "") params.set("queue", queue);
  return params;
}
