/** Instants and durations in words; all of it is told what time it is. */

const UNITS: [number, string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

/** "340 ms", "1.2 s", "3 min 4 s", "2 h 5 min": two units at most. */
export function duration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole} ms`;
  if (whole < 10_000) return `${trim((whole / 1_000).toFixed(1))} s`;
  if (whole < 59_500) return `${Math.round(whole / 1_000)} s`;
  const seconds = Math.round(whole / 1_000) * 1_000;
  const index = UNITS.findIndex(([size]) => seconds >= size);
  const [size, name] = UNITS[index] ?? [1_000, "s"];
  const rest = UNITS[index + 1];
  const big = Math.floor(seconds / size);
  const small = rest === undefined ? 0 : Math.floor((seconds % size) / rest[0]);
  return rest === undefined || small === 0 ? `${big} ${name}` : `${big} ${name} ${small} ${rest[1]}`;
}

/** Seconds as the API gives them; an em dash where there is nothing yet. */
export function seconds(value: number | null | undefined): string {
  return value === null || value === undefined ? "—" : duration(value * 1_000);
}

/** "now", "12 s ago", "in 4 min": one unit. What is past is as old as it is in full units; what is to come is rounded. */
export function relative(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < 1_000) return "now";
  return at < now ? `${inOneUnit(distance, Math.floor)} ago` : `in ${inOneUnit(distance, Math.round)}`;
}

/** What is rounded up to a larger unit is told in that: no "60 min". */
function inOneUnit(ms: number, rounded: (amount: number) => number): string {
  const [size, name] = UNITS.find(([size], index) => {
    const smaller = UNITS[index + 1]?.[0] ?? size;
    return rounded(ms / smaller) * smaller >= size;
  }) ?? [1_000, "s"];
  return `${rounded(ms / size)} ${name}`;
}

/** "12 s", "4 min": how long something lasts by now, one unit, rounded down. */
export function age(since: number, now: number): string {
  return inOneUnit(Math.max(0, now - since), Math.floor);
}

const EXACT = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "medium",
});

/** The instant with its date and its seconds, in the reader's own zone. */
export function exact(at: number): string {
  return EXACT.format(at);
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** The same where there is little room: "14:05:09" today, "12 Jan, 14:05" on other days. */
export function exactShort(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return (isToday ? CLOCK : DAY).format(at);
}

/** The value of an `<input type="datetime-local">` as an RFC 3339 instant; null where it is empty or nonsense. */
export function instantOf(local: string): string | null {
  const at = new Date(local);
  return local === "" || Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** The other way: what an `<input type="datetime-local">` shows for an instant. */
export function localOf(instant: string | null): string {
  if (instant === null) return "";
  const at = new Date(instant);
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

function trim(digits: string): string {
  return digits.endsWith(".0") ? digits.slice(0, -2) : digits;
}
