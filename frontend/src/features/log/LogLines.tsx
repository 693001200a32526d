/** The lines of a log, which follow the newest one until the reader scrolls up. */
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { count, plural } from "@/lib/format";
import { blocksOf, type Line } from "@/lib/log";
import { LogBlock } from "./LogBlock";

interface LogLinesProps {
  lines: readonly Line[];
  isNumbered: boolean;
  isFollowing: boolean;
  onFollow: (isFollowing: boolean) => void;
}

/** So near to the end is at the end: positions of scrolling are not whole. */
const NEAR = 8;

export function LogLines({ lines, isNumbered, isFollowing, onFollow }: LogLinesProps) {
  const place = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const last = useRef(0);
  const [seen, setSeen] = useState(lines.length);
  const toEnd = () => {
    if (place.current) place.current.scrollTop = place.current.scrollHeight;
  };
  if (isFollowing && seen !== lines.length) setSeen(lines.length);
  useLayoutEffect(() => {
    if (isFollowing) toEnd();
  }, [isFollowing, lines.length]);
  // Blocks get their true heights when they are drawn.
  useEffect(() => {
    if (!isFollowing || !inside.current) return;
    const watch = new ResizeObserver(toEnd);
    watch.observe(inside.current);
    return () => watch.disconnect();
  }, [isFollowing]);

  const onScroll = () => {
    if (!place.current) return;
    const { scrollTop, scrollHeight, clientHeight } = place.current;
    const isAtEnd = scrollHeight - scrollTop - clientHeight <= NEAR;
    if (isFollowing && scrollTop < last.current && !isAtEnd) onFollow(false);
    else if (!isFollowing && scrollTop > last.current && isAtEnd) onFollow(true);
    last.current = scrollTop;
  };
  const blocks = blocksOf(lines.length);
  const unseen = Math.max(0, lines.length - seen);
  return (
    <div className="log-frame">
      {/* Each line read aloud would drown the reader: what is new is told below, now and then. */}
      <div
        ref={place}
        className={isFollowing ? "log log-follows" : "log"}
        role="log"
        aria-live="off"
        aria-label="Log"
        tabIndex={0}
        onScroll={onScroll}
      >
        <div ref={inside}>
          {blocks.map(({ from, to }, index) => (
            <LogBlock
              key={from}
              lines={lines}
              from={from}
              to={to}
              isNumbered={isNumbered}
              isKept={isFollowing && index >= blocks.length - 2}
            />
          ))}
        </div>
      </div>
      {!isFollowing && (
        <button type="button" className="log-jump" onClick={() => onFollow(true)}>
          <ArrowDown size={14} aria-hidden />
          Jump to newest{unseen > 0 && <span className="figures"> · {count(unseen)} new</span>}
        </button>
      )}
      <Announcer lines={lines} isOn={isFollowing} />
    </div>
  );
}

const QUIET_MS = 4_000;

/** Tells those who listen how many lines came and what the last one says, every few seconds at most. */
function Announcer({ lines, isOn }: { lines: readonly Line[]; isOn: boolean }) {
  const [words, setWords] = useState("");
  const told = useRef(lines.length);
  const newest = useRef(lines);
  useEffect(() => {
    newest.current = lines;
  }, [lines]);
  useEffect(() => {
    if (!isOn) return;
    told.current = newest.current.length;
    const timer = setInterval(() => {
      const fresh = newest.current.length - told.current;
      told.current = newest.current.length;
      const message = newest.current.at(-1)?.message;
      if (fresh > 0 && message !== undefined) setWords(`${plural(fresh, "new line")}. The last: ${message}`);
    }, QUIET_MS);
    return () => clearInterval(timer);
  }, [isOn]);
  return (
    <p className="hidden-text" role="status">
      {words}
    </p>
  );
}
