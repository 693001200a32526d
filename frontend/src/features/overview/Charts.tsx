/** What happened over 5 minutes, an hour or a day: three charts with one cursor and the values at its instant. */
import { lazy, Suspense, useMemo, useState } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { wordsOf } from "@/graphql/errors";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { rate } from "@/lib/format";
import { seconds as inWords } from "@/lib/time";
import { Card } from "@/ui/Card";
import { Broken, Skeleton } from "@/ui/states";
import { askedOf } from "./asked";
import { percentiles, RANGES, rates, valueAt, WINDOW_S, type Series, type Tick } from "./series";
import "./overview.css";

const SeriesPlot = lazy(() => import("./SeriesPlot"));

export const Charts_metrics = graphql(`
  fragment Charts_metrics on Metrics {
    at
    submittedPerSecond
    finishedPerSecond
    failedPerSecond
    waitSeconds {
      p50
      p95
      p99
    }
    runSeconds {
      p50
      p95
      p99
    }
  }
`);

const HistoryQuery = graphql(`
  query History($seconds: Int!) {
    metricsHistory(seconds: $seconds) {
      at
      seconds
      submitted
      finished
      failed
      waitSeconds {
        p50
        p95
        p99
      }
      runSeconds {
        p50
        p95
        p99
      }
    }
  }
`);

const MOST_TICKS = 600;
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
const perSecond = (value: number | null) => (value === null ? "—" : rate(value));

export function Charts({ metrics }: { metrics: FragmentOf<typeof Charts_metrics> }) {
  const now = readFragment(Charts_metrics, metrics);
  const [params, setParams] = useSearchParams();
  const { range } = askedOf(params, []).asked;
  const [{ data, error }, reread] = useQuery({
    query: HistoryQuery,
    variables: { seconds: Math.min(range.seconds + WINDOW_S, 86_400) },
  });
  const again = () => reread({ requestPolicy: "network-only" });
  const ticks = useTicks(now);
  const [cursor, setCursor] = useState<number | null>(null);
  useReread(again);

  const drawn = useMemo(() => {
    if (!data) return null;
    const points = data.metricsHistory;
    return {
      rates: rates(points, ticks),
      waits: percentiles(points, ticks, "waitSeconds"),
      runs: percentiles(points, ticks, "runSeconds"),
    };
  }, [data, ticks]);

  const choose = (key: string) => {
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (key === RANGES[0].key) next.delete("range");
        else next.set("range", key);
        return next;
      },
      { replace: true },
    );
  };
  if (error && !data) return <Broken words={wordsOf(error)} onRetry={again} />;
  const shared = { seconds: range.seconds, cursor, onCursor: setCursor };
  return (
    <>
      <Chart
        {...shared}
        title="Throughput"
        unit="/s"
        series={drawn?.rates}
        format={perSecond}
        aside={
          <div className="segments" role="group" aria-label="Range">
            {RANGES.map(({ name, key }) => (
              <button key={key} type="button" aria-pressed={key === range.key} onClick={() => choose(key)}>
                {name}
              </button>
            ))}
          </div>
        }
      />
      <Chart {...shared} title="Waiting time" isTime series={drawn?.waits} format={inWords} />
      <Chart {...shared} title="Run time" isTime series={drawn?.runs} format={inWords} />
    </>
  );
}

interface ChartProps {
  title: string;
  className?: string;
  aside?: React.ReactNode;
  unit?: string;
  isTime?: boolean;
  series: Series | undefined;
  seconds: number;
  /** The index of the instant under the cursor; null: now. */
  cursor: number | null;
  onCursor: (index: number | null) => void;
  format: (value: number | null) => string;
}

function Chart({
  title,
  className = "",
  aside,
  unit,
  isTime = false,
  series,
  cursor,
  format,
  ...plot
}: ChartProps) {
  const index = cursor ?? Infinity;
  const at = cursor === null ? undefined : series?.at[cursor];
  const place = <Skeleton height={176} />;
  return (
    <Card
      title={title}
      className={`chart ${className}`}
      aside={
        <>
          {at !== undefined && <span className="figures">at {CLOCK.format(at * 1_000)}</span>}
          {aside}
        </>
      }
    >
      <figure className="chart-figure" aria-label={title}>
        <figcaption className="chart-key">
          {series?.lines.map(({ name, hue, values }) => (
            <span key={name} className={`chart-line hue-${hue}`}>
              <span className="chart-swatch" aria-hidden />
              {name} <strong className="figures">{format(valueAt(values, index))}</strong>
              {unit !== undefined && <span className="faint">{unit}</span>}
            </span>
          ))}
        </figcaption>
        <Suspense fallback={place}>
          {series === undefined ? (
            place
          ) : (
            <SeriesPlot title={title} series={series} format={format} isTime={isTime} {...plot} />
          )}
        </Suspense>
      </figure>
    </Card>
  );
}

/** The ticks that came since the page was opened, in order. */
function useTicks(now: Tick): readonly Tick[] {
  const [ticks, setTicks] = useState<readonly Tick[]>(() => [drawnOf(now)]);
  if (ticks.at(-1)?.at !== now.at) setTicks([...ticks, drawnOf(now)].slice(-MOST_TICKS));
  return ticks;
}

/** What is drawn of a tick: it comes with all else that the page shows, which must not be kept with it. */
function drawnOf(tick: Tick): Tick {
  const { at, submittedPerSecond, finishedPerSecond, failedPerSecond, waitSeconds, runSeconds } = tick;
  return { at, submittedPerSecond, finishedPerSecond, failedPerSecond, waitSeconds, runSeconds };
}
