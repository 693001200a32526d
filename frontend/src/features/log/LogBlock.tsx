/** Some lines of a log; a block that is far from what is seen is an empty space of its height. */
import { memo, useEffect, useRef, useState } from "react";
import { clockOf, type Line } from "@/lib/log";
import { exact } from "@/lib/time";

interface LogBlockProps {
  lines: readonly Line[];
  from: number;
  to: number;
  /** It is drawn wherever one looks: the newest lines, which one may follow. */
  isKept: boolean;
  /** Each line says which attempt said it, for there are several. */
  isNumbered: boolean;
}

const LINE_HEIGHT = 20;
const AHEAD = "600px";

export const LogBlock = memo(function LogBlock({ lines, from, to, isKept, isNumbered }: LogBlockProps) {
  const place = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(isKept);
  const [height, setHeight] = useState((to - from) * LINE_HEIGHT);
  const isDrawn = isNear || isKept;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const watch = new IntersectionObserver(
      ([entry]) => {
        if (!entry) return;
        if (!entry.isIntersecting) setHeight(entry.boundingClientRect.height);
        setNear(entry.isIntersecting);
      },
      { root: element.closest(".log"), rootMargin: `${AHEAD} 0px` },
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={place} style={isDrawn ? undefined : { height }}>
      {isDrawn &&
        lines
          .slice(from, to)
          .map((line, index) => (
            <LogLine
              key={from + index}
              line={line}
              isFirst={lines[from + index - 1]?.number !== line.number}
              isNumbered={isNumbered}
            />
          ))}
    </div>
  );
}, isSame);

/** Lines are only ever added: a block with the same ends is the same block. */
function isSame(before: LogBlockProps, after: LogBlockProps): boolean {
  return (
    before.from === after.from &&
    before.to === after.to &&
    before.isKept === after.isKept &&
    before.isNumbered === after.isNumbered &&
    before.lines[before.from] === after.lines[after.from] &&
    before.lines[before.to - 1] === after.lines[after.to - 1]
  );
}

interface LogLineProps {
  line: Line;
  isFirst: boolean;
  isNumbered: boolean;
}

function LogLine({ line, isFirst, isNumbered }: LogLineProps) {
  return (
    <>
      {isFirst && <p className="log-attempt">Attempt {line.number}</p>}
      <div className={`log-line log-${line.level.toLowerCase()}${isNumbered ? " log-line-numbered" : ""}`}>
        <time dateTime={line.at} title={exact(Date.parse(line.at))}>
          {clockOf(line.at)}
        </time>
        {isNumbered && (
          <span className="log-number" title={`Attempt ${line.number}`}>
            #{line.number}
          </span>
        )}
        <span className="log-level">{line.level === "WARNING" ? "WARN" : line.level}</span>
        <span className="log-message">
          {line.message}
          {line.isLate && (
            <span className="log-late" title="Its attempt held the task no longer when it said this.">
              late
            </span>
          )}
        </span>
      </div>
    </>
  );
}
