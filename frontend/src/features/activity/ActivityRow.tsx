/** That somebody did something, or tried to. */
import { CircleCheck, CircleX } from "lucide-react";
import { Link } from "wouter";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { count, shortId } from "@/lib/format";
import { Mark, type Look } from "@/ui/Badge";
import { RelativeTime } from "@/ui/Time";
import { hrefOf, sentenceOf, targetsShown, type Names } from "./words";

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
interface ActivityRowProps {
  activity: FragmentOf<typeof ActivityRow_activity>;
  names: Names;
}

export function ActivityRow({ activity: data, names }: ActivityRowProps) {
  const entry = readFragment(ActivityRow_activity, data);
  const { isAdmin } = useViewer();
  const { shown, more } = targetsShown(entry, names);
  const { who, words } = sentenceOf(entry, shown.length > 0);
  return (
    <tr>
      <td className="soft">
        <RelativeTime at={entry.at} />
      </td>
      <td className="activity-what">
        <strong>{who}</strong> {words}
      </td>
      <td className="activity-targets">
        {shown.map((target) => (
          <Target key={target} target={target} name={names.get(target)} action={entry.action} />
        ))}
        {more > 0 && <span className="faint">and {count(more)} more</span>}
      </td>
      <td>
        <Mark look={entry.outcome === "OK" ? DONE : refused(entry.outcome)} />
      </td>
      {isAdmin && (
        <td className="number faint activity-from" title={`Request ${entry.requestId}`}>
          {entry.address}
        </td>
      )}
    </tr>
  );
}

function refused(outcome: string): Look {
  const words = outcome.toLowerCase().replaceAll("_", " ");
  return { word: words.charAt(0).toUpperCase() + words.slice(1), icon: CircleX, hue: "bad" };
}

function Target({ target, name, action }: { target: string; name: string | undefined; action: string }) {
  const href = hrefOf(target, action);
  const shown = name === undefined ? <span className="mono">{shortId(target)}</span> : <span>{name}</span>;
  return href === null ? (
    <span title={target}>{shown}</span>
  ) : (
    <Link href={href} className="link" title={target}>
      {shown}
    </Link>
  );
}
