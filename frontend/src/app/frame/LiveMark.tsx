/** Whether the page keeps up with the server; a click holds it still, another lets it go on. */
import { useLive, type LiveState } from "@/graphql/live";

const WORDS: Record<LiveState["mark"], { word: string; title: string }> = {
  connecting: { word: "Connecting", title: "Opening the live connection" },
  live: { word: "Live", title: "Changes come as they happen. Click to pause." },
  reconnecting: { word: "Reconnecting", title: "The connection is lost. This page tries again by itself." },
  paused: { word: "Paused", title: "Changes wait. Click to go on." },
};

export function LiveMark() {
  const { mark, toggle } = useLive();
  const { word, title } = WORDS[mark];
  return (
    <button
      type="button"
      className={`live live-${mark}`}
      title={title}
      aria-pressed={mark === "paused"}
      onClick={toggle}
    >
      <span className="live-dot" aria-hidden />
      <span className="live-word" role="status">
        {word}
      </span>
    </button>
  );
}
