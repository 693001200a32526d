/** What a task's function says, live: followed, narrowed, copied. */
import { useState } from "react";
import { RotateCw } from "lucide-react";
import { count, plural } from "@/lib/format";
import { amounts, attemptsIn, narrowed, textOf, type Level, type Line } from "@/lib/log";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { CopyButton } from "@/ui/CopyId";
import { LogLines } from "./LogLines";
import { useLog, type Log } from "./useLog";
import "@/ui/field.css";
import "./log.css";

const CHOICES: [Level, string][] = [
  ["DEBUG", "All"],
  ["INFO", "Info"],
  ["WARNING", "Warnings"],
  ["ERROR", "Errors"],
];

/** `isOver`: nothing more will be said, unless the task is retried. */
export function LogCard({ id, isOver }: { id: string; isOver: boolean }) {
  const log = useLog(id);
  const [level, setLevel] = useState<Level>("DEBUG");
  const [number, setNumber] = useState<number | null>(null);
  const [isFollowing, setFollowing] = useState(true);
  const lines = narrowed(log.lines, { level, number });
  const hasLines = log.lines.length > 0;
  const aside = hasLines && (
    <>
      <span className="figures log-amount">{plural(lines.length, "line")}</span>
      <label className="switch">
        <input
          type="checkbox"
          role="switch"
          checked={isFollowing}
          onChange={(event) => setFollowing(event.target.checked)}
        />
        <span>Follow</span>
      </label>
      <CopyButton text={textOf(lines)} label="Copy" />
    </>
  );
  return (
    <Card title="Log" aside={aside} isFlush={hasLines}>
      {log.state === "broken" && <Fault log={log} />}
      {hasLines ? (
        <>
          <Narrow lines={log.lines} level={level} onLevel={setLevel} number={number} onNumber={setNumber} />
          {log.leftOut > 0 && (
            <p className="log-left-out">
              {plural(log.leftOut, "further line")} said, but a task keeps no more than{" "}
              {count(log.lines.length)}.
            </p>
          )}
          {/* Another choice is another log to read: from its end. */}
          <LogLines
            key={`${level} ${number ?? ""}`}
            lines={lines}
            isNumbered={number === null && attemptsIn(log.lines).length > 1}
            isFollowing={isFollowing}
            onFollow={setFollowing}
          />
        </>
      ) : (
        log.state !== "broken" && <Nothing isOver={isOver} isReading={log.state === "reading"} />
      )}
    </Card>
  );
}

interface NarrowProps {
  lines: readonly Line[];
  level: Level;
  onLevel: (level: Level) => void;
  number: number | null;
  onNumber: (number: number | null) => void;
}

function Narrow({ lines, level, onLevel, number, onNumber }: NarrowProps) {
  const attempts = attemptsIn(lines);
  const found = amounts(narrowed(lines, { level: "DEBUG", number }));
  return (
    <div className="log-bar">
      <div className="segments" role="group" aria-label="Level">
        {CHOICES.map(([each, words]) => (
          <button key={each} type="button" aria-pressed={each === level} onClick={() => onLevel(each)}>
            {words} <span className="figures faint">{count(found[each])}</span>
          </button>
        ))}
      </div>
      {attempts.length > 1 && (
        <select
          className="input select log-attempts"
          aria-label="Attempt"
          value={number ?? ""}
          onChange={(event) => onNumber(event.target.value === "" ? null : Number(event.target.value))}
        >
          <option value="">All attempts</option>
          {attempts.map((each) => (
            <option key={each} value={each}>
              Attempt {each}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

function Fault({ log }: { log: Log }) {
  return (
    <div className="log-fault" role="alert">
      <p>{log.words}</p>
      <Button isSmall icon={RotateCw} onClick={log.retry}>
        Try again
      </Button>
    </div>
  );
}

function Nothing({ isOver, isReading }: { isOver: boolean; isReading: boolean }) {
  if (isReading) return <p className="faint">Reading what was said…</p>;
  return (
    <p className="faint">
      {isOver ? "It said nothing." : "Nothing is said yet; lines stand here as they come."} A function says
      something with <code className="mono">ctx["task"].log("…")</code> or Python’s{" "}
      <code className="mono">logging</code>.
    </p>
  );
}
