/** Instants and durations that keep up with the clock. */
import { useNow } from "@/lib/now";
import { duration, exact, exactShort, relative } from "@/lib/time";
import { useExactTimes } from "@/lib/times";

/** "12 s ago", the exact instant on hover; the other way round for whoever wants to read instants. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow();
  const isExact = useExactTimes();
  const instant = Date.parse(at);
  return (
    <time
      dateTime={at}
      title={isExact ? `${exact(instant)}, ${relative(instant, now)}` : exact(instant)}
      className="figures"
    >
      {isExact ? exactShort(instant, now) : relative(instant, now)}
    </time>
  );
}

/** How long something took, or takes by now. */
export function Elapsed({ from, to }: { from: string; to: string | null }) {
  const now = useNow();
  return (
    <span className="figures">
      {duration((to === null ? Math.floor(now / 1_000) * 1_000 : Date.parse(to)) - Date.parse(from))}
    </span>
  );
}
