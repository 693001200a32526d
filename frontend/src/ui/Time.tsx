/** Instants and durations that keep up with the clock. */
import { useNow } from "@/lib/now";
import { duration, exact, relative } from "@/lib/time";

/** "12 s ago", the exact instant on hover. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow();
  const instant = Date.parse(at);
  return (
    <time dateTime={at} title={exact(instant)} className="figures">
      {relative(instant, now)}
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
