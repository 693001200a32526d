/** That somebody did something, or tried to. */
import { CircleCheck, CircleX } from "lucide-react";
import { Link } from "wouter";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { count, shortId } from "@/lib/format";
import { Mark, type Look } from "@/ui/Badge";
import { RelativeTime } from "@/ui/Time";
import { hrefOf, targetsShown, wordsOfAction } from "./words";

export const ActivityRow_activity = graphql(`
  fragment ActivityRow_activity on Activity {
    id
    at
    actorName
    action
    outcome
    targets
    amount
    address
    requestId
  }
`);

const DONE: Look = { word: "Done", icon: CircleCheck, hue: "good" };
const SHOWN = 3;

export function ActivityRow({ activity: data }: { activity: FragmentOf<typeof ActivityRow_activity> }) {
  const entry = readFragment(ActivityRow_activity, data);
  const targets = targetsShown(entry.targets);
  const more = Math.max(entry.amount, targets.length) - Math.min(targets.length, SHOWN);
  return (
    <tr>
      <td className="soft">
        <RelativeTime at={entry.at} />
      </td>
      <td className="activity-what">
        <strong>{entry.actorName ?? "Nobody"}</strong> {wordsOfAction(entry.action)}
      </td>
      <td className="activity-targets">
        {targets.slice(0, SHOWN).map((target) => (
          <Target key={target} target={target} action={entry.action} />
        ))}
        {more > 0 && <span className="faint">and {count(more)} more</span>}
      </td>
      <td>
        <Mark look={entry.outcome === "OK" ? DONE : refused(entry.outcome)} />
      </td>
      <td className="number faint activity-from" title={`Request ${entry.requestId}`}>
        {entry.address}
      </td>
    </tr>
  );
}

function refused(outcome: string): Look {
  const words = outcome.toLowerCase().replaceAll("_", " ");
  return { word: words.charAt(0).toUpperCase() + words.slice(1), icon: CircleX, hue: "bad" };
}

function Target({ target, action }: { target: string; action: string }) {
  const href = hrefOf(target, action);
  const shown = <span className="mono">{shortId(target)}</span>;
  return href === null ? (
    <span title={target}>{shown}</span>
  ) : (
    <Link href={href} className="link" title={target}>
      {shown}
    </Link>
  );
}
