/** Days in words, in the reader's own zone. */

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "long" });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const DATE_OF_YEAR = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });

/** "today at 14:05", "tomorrow at 02:00", "Monday at 06:30", "12 Jan at 06:30". */
export function dayOf(at: number, now: number): string {
  return `${day(new Date(at), new Date(now))} at ${TIME.format(at)}`;
}

function day(at: Date, now: Date): string {
  const days = dayNumber(at) - dayNumber(now);
  if (days === 0) return "today";
  if (days === 1) return "tomorrow";
  if (days > 1 && days < 7) return WEEKDAY.format(at);
  return (at.getFullYear() === now.getFullYear() ? DATE : DATE_OF_YEAR).format(at);
}

/** Days since some day, by the calendar of the reader: clocks that are put forward make no difference. */
function dayNumber(at: Date): number {
  return Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) / 86_400_000;
}
