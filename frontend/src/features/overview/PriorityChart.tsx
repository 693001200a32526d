/** Ready tasks by priority: ten columns, for one queue or all; a click opens those tasks. */
import { useState } from "react";
import { Link } from "wouter";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { count, plural, short } from "@/lib/format";
import { height, isWide } from "@/lib/scale";
import { Card } from "@/ui/Card";
import { Select } from "@/ui/Field";
import "./overview.css";

export const PriorityChart_metrics = graphql(`
  fragment PriorityChart_metrics on Metrics {
    depthByPriority {
      priority
      depth
    }
  }
`);

export const PriorityChart_queue = graphql(`
  fragment PriorityChart_queue on Queue {
    id
    name
    depthByPriority {
      priority
      depth
    }
  }
`);

interface PriorityChartProps {
  metrics: FragmentOf<typeof PriorityChart_metrics>;
  queues: readonly FragmentOf<typeof PriorityChart_queue>[];
}

export function PriorityChart({ metrics, queues: masked }: PriorityChartProps) {
  const [name, setName] = useState("");
  const [scale, setScale] = useState<"auto" | "log" | "linear">("auto");
  const queues = readFragment(PriorityChart_queue, masked);
  const all = readFragment(PriorityChart_metrics, metrics).depthByPriority;
  const depths = queues.find((queue) => queue.name === name)?.depthByPriority ?? all;
  const amounts = depths.map(({ depth }) => depth);
  const isLog = scale === "auto" ? isWide(amounts) : scale === "log";
  const total = amounts.reduce((sum, depth) => sum + depth, 0);
  const aside = (
    <>
      <label className="switch">
        <input type="checkbox" checked={isLog} onChange={() => setScale(isLog ? "linear" : "log")} />
        log scale
      </label>
      {queues.length > 1 && (
        <Select
          label={<span className="hidden-text">Queue</span>}
          value={name}
          onChange={(event) => setName(event.target.value)}
          options={[
            { value: "", label: "All queues" },
            ...queues.map(({ name }) => ({ value: name, label: name })),
          ]}
        />
      )}
    </>
  );
  return (
    <Card title="Ready tasks by priority" aside={aside}>
      <Columns depths={depths} isLog={isLog} queue={name} />
      <p className="chart-words faint figures">
        {total === 0
          ? "Nothing is waiting for a slot."
          : `${plural(total, "task")} ready to start; 10 goes first.`}
      </p>
    </Card>
  );
}

interface ColumnsProps {
  depths: readonly { priority: number; depth: number }[];
  isLog: boolean;
  queue: string;
}

function Columns({ depths, isLog, queue }: ColumnsProps) {
  const most = Math.max(...depths.map(({ depth }) => depth), 1);
  return (
    <ol className="columns" aria-label="Ready tasks by priority">
      {depths.map(({ priority, depth }) => (
        <li key={priority}>
          <Link
            href={addressOf(priority, queue)}
            className="column"
            title={`${count(depth)} at priority ${priority}`}
          >
            <span className={depth === 0 ? "column-number faint" : "column-number"}>{short(depth)}</span>
            <span className="hidden-text"> ready at priority </span>
            <svg className="column-bar" viewBox="0 0 1 100" preserveAspectRatio="none" aria-hidden>
              <rect
                x="0"
                width="1"
                y={100 - Math.max(100 * height(depth, most, isLog), depth > 0 ? 3 : 0)}
                height={Math.max(100 * height(depth, most, isLog), depth > 0 ? 3 : 0)}
              />
            </svg>
            <span className="column-name">{priority}</span>
          </Link>
        </li>
      ))}
    </ol>
  );
}

/** The filter knows "at least": the list starts with what goes first. */
function addressOf(priority: number, queue: string): string {
  const params = new URLSearchParams({ status: "queued", priority: String(priority), order: "next_to_run" });
  if (queue !== "") params.set("queue", queue);
  return `/tasks?${params.toString()}`;
}
