/** When a schedule runs next, as people say it: "tomorrow at 02:00", and how long that is. */
import { useNow } from "@/lib/now";
import { exact, relative } from "@/lib/time";
import { dayOf } from "./days";

export function NextRun({ at }: { at: string }) {
  const now = useNow();
  const instant = Date.parse(at);
  return (
    <time dateTime={at} title={exact(instant)} className="next-run figures">
      {dayOf(instant, now)}
      <span className="faint">{instant <= now ? "now" : relative(instant, now)}</span>
    </time>
  );
}
