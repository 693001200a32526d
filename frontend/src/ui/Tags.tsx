/** The tags of a task, as they look everywhere. */
import "./badge.css";

export function Tags({ of }: { of: readonly string[] }) {
  return (
    <span className="tags">
      {of.map((tag) => (
        <span key={tag} className="tag">
          {tag}
        </span>
      ))}
    </span>
  );
}
