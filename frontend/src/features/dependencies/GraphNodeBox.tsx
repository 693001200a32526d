/** One task of the picture: how it stands, and the way to it. */
import { Link } from "wouter";
import { shortId } from "@/lib/format";
import { STATUS } from "@/features/tasks/looks";
import type { GraphNode } from "./useGraph";

export function GraphNodeBox({ node: { id, title, status }, isSelf }: { node: GraphNode; isSelf: boolean }) {
  const { word, icon: Icon, hue } = STATUS[status];
  const inside = (
    <>
      <Icon size={15} strokeWidth={2} aria-hidden />
      <span className="graph-words">
        <span className="clip graph-title">{title}</span>
        <span className="clip graph-note">
          <span className="graph-status">{word}</span> <span className="mono">{shortId(id)}</span>
        </span>
      </span>
    </>
  );
  if (isSelf)
    return (
      <span className={`graph-box graph-box-self hue-${hue}`} aria-current="page">
        {inside}
      </span>
    );
  return (
    <Link href={`/tasks/${id}`} className={`graph-box hue-${hue}`} title={`${title}, ${word}`}>
      {inside}
    </Link>
  );
}
