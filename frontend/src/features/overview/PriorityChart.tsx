/** Ready tasks by priority: ten columns, for one queue or all, split by how they fare; a click opens those tasks. */
import { useSearchParams } from "wouter";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { count, plural, short } from "@/lib/format";
import { useNow } from "@/lib/now";
import { isWide } from "@/lib/scale";
import { age } from "@/lib/time";
import { Card } from "@/ui/Card";
import { Select } from "@/ui/Field";
import { askedOf } from "./asked";
import { TasksLink } from "../tasks/TasksLink";
import { addressOf, layers, PARTS, type Depth } from "./depths";
import "./overview.css";

export const PriorityChart_metrics = graphql(`
  fragment PriorityChart_metrics on Metrics {
    depthByPriority {
      priority
      depth
      fresh
      waiting
      atRisk
      oldestReadyAt
      isExact
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
      fresh
      waiting
      atRisk
      oldestReadyAt
      isExact
    }
  }
`);

interface PriorityChartProps {
  metrics: FragmentOf<typeof PriorityChart_metrics>;
  queues: readonly FragmentOf<typeof PriorityChart_queue>[];
}

/** Small enough a change of the address to be no step back. */
const REPLACE = { replace: true };

export function PriorityChart({ metrics, queues: masked }: PriorityChartProps) {
  const [params, setParams] = useSearchParams();
  const queues = readFragment(PriorityChart_queue, masked);
  const { queue: name, scale } = askedOf(
    params,
    queues.map((queue) => queue.name),
  ).asked;
  const all = readFragment(PriorityChart_metrics, metrics).depthByPriority;
  const depths = queues.find((queue) => queue.name === name)?.depthByPriority ?? all;
  const isLog = scale === "" ? isWide(depths.map(({ depth }) => depth)) : scale === "log";
  const set = (key: string, value: string) => {
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (value === "") next.delete(key);
      else next.set(key, value);
      return next;
    }, REPLACE);
  };
  const aside = (
    <>
      <label className="switch">
        <input
          type="checkbox"
          className="check"
          checked={isLog}
          onChange={() => set("scale", isLog ? "linear" : "log")}
        />
        log scale
      </label>
      {queues.length > 1 && (
        <Select
          label={<span className="hidden-text">Queue</span>}
          value={name}
          onChange={(event) => set("queue", event.target.value)}
          options={[
            { value: "", label: "All queues" },
            ...queues.map(({ name }) => ({ value: name, label: name })),
          ]}
        />
      )}
    </>
  );
  return (
    <Card title="Ready tasks by priority" className="chart-wide" aside={aside}>
      <Key depths={depths} />
      <Columns depths={depths} isLog={isLog} queue={name} />
      <p className="chart-words faint">
        Below each column: how long its oldest task has waited. Priority 10 goes first.
      </p>
    </Card>
  );
}

function Key({ depths }: { depths: readonly Depth[] }) {
  const total = depths.reduce((sum, { depth }) => sum + depth, 0);
  const isExact = depths.every((each) => each.isExact);
  return (
    <p className="chart-key priority-key">
      <strong className="figures">
        {total === 0 ? "Nothing waits for a slot" : `${plural(total, "task")} ready`}
      </strong>
      {PARTS.map(({ part, words, title }) => {
        const amount = depths.reduce((sum, each) => sum + each[part], 0);
        return (
          <span key={part} className="chart-line" title={title}>
            <span className={`chart-swatch part-${part}`} aria-hidden />
            {words}{" "}
            <strong className="figures">
              {isExact || amount === 0
                ? short(amount)
                : part === "atRisk"
                  ? `${short(amount)}+`
                  : `~${short(amount)}`}
            </strong>
          </span>
        );
      })}
    </p>
  );
}

function Columns({ depths, isLog, queue }: { depths: readonly Depth[]; isLog: boolean; queue: string }) {
  const now = useNow();
  const most = Math.max(...depths.map(({ depth }) => depth), 1);
  return (
    <ol className="columns" aria-label="Ready tasks by priority">
      {depths.map((depth) => {
        const words = PARTS.filter(({ part }) => depth[part] > 0)
          .map(({ part, words }) => `${count(depth[part])} ${words}`)
          .join(", ");
        return (
          <li key={depth.priority}>
            <TasksLink
              href={addressOf(depth.priority, queue)}
              className="column"
              title={`${count(depth.depth)} at priority ${depth.priority}${words && `: ${words}`}`}
            >
              <span className={depth.depth === 0 ? "column-number faint" : "column-number"}>
                {short(depth.depth)}
              </span>
              <span className="hidden-text"> ready at priority </span>
              <svg className="column-bar" viewBox="0 0 1 100" preserveAspectRatio="none" aria-hidden>
                {layers(depth, most, isLog).map(({ part, y, tall }) => (
                  <rect key={part} className={`part-${part}`} x="0" width="1" y={y} height={tall} />
                ))}
              </svg>
              <span className="column-name">{depth.priority}</span>
              {words && <span className="hidden-text">: {words}; the oldest waits </span>}
              <span className="column-age faint">
                {depth.oldestReadyAt === null ? "–" : age(Date.parse(depth.oldestReadyAt), now)}
              </span>
            </TasksLink>
          </li>
        );
      })}
    </ol>
  );
}
