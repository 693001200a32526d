/** Tasks submitted, finished and failed per second, over 5 minutes, an hour or a day; now at the right edge. */
import { lazy, Suspense, useMemo, useState } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { wordsOf } from "@/graphql/errors";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { rate } from "@/lib/format";
import { trailingRates } from "@/lib/scale";
import { Card } from "@/ui/Card";
import { Broken, Skeleton } from "@/ui/states";
import type { Series } from "./SeriesPlot";
import "./overview.css";

const SeriesPlot = lazy(() => import("./SeriesPlot"));

export const Throughput_metrics = graphql(`
  fragment Throughput_metrics on Metrics {
    at
    submittedPerSecond
    finishedPerSecond
    failedPerSecond
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
    }
  }
`);

const RANGES = [
  { name: "5 min", key: "5m", seconds: 300 },
  { name: "1 h", key: "1h", seconds: 3_600 },
  { name: "24 h", key: "24h", seconds: 86_400 },
] as const;
/** What "per second" is a mean over, here and in the live figures. */
const WINDOW_S = 60;
const MOST_TICKS = 600;

const LINES = [
  { name: "Submitted", hue: "waiting", amount: "submitted", perSecond: "submittedPerSecond" },
  { name: "Finished", hue: "good", amount: "finished", perSecond: "finishedPerSecond" },
  { name: "Failed", hue: "bad", amount: "failed", perSecond: "failedPerSecond" },
] as const;

export function Throughput({ metrics }: { metrics: FragmentOf<typeof Throughput_metrics> }) {
  const now = readFragment(Throughput_metrics, metrics);
  const [params, setParams] = useSearchParams();
  const range = RANGES.find(({ key }) => key === params.get("range")) ?? RANGES[0];
  const [{ data, error }, reread] = useQuery({
    query: HistoryQuery,
    variables: { seconds: Math.min(range.seconds + WINDOW_S, 86_400) },
  });
  const again = () => reread({ requestPolicy: "network-only" });
  const ticks = useTicks(now);
  useReread(again);

  const series = useMemo<Series | null>(() => {
    if (!data) return null;
    const points = data.metricsHistory;
    const last = points.at(-1);
    const since = last === undefined ? 0 : Date.parse(last.at);
    const later = ticks.filter(({ at }) => Date.parse(at) > since);
    return {
      at: [...points, ...later].map(({ at }) => Date.parse(at) / 1_000),
      lines: LINES.map(({ name, hue, amount, perSecond }) => ({
        name,
        hue,
        values: [
          ...trailingRates(
            points.map((point) => ({ seconds: point.seconds, amount: point[amount] })),
            WINDOW_S,
          ),
          ...later.map((tick) => tick[perSecond]),
        ],
      })),
    };
  }, [data, ticks]);

  const aside = (
    <div className="segments" role="group" aria-label="Range">
      {RANGES.map(({ name, key }) => (
        <button
          key={key}
          type="button"
          aria-pressed={key === range.key}
          onClick={() => setParams(key === "5m" ? {} : { range: key }, { replace: true })}
        >
          {name}
        </button>
      ))}
    </div>
  );
  const place = <Skeleton height={190} />;
  return (
    <Card title="Throughput" aside={aside}>
      <figure className="throughput">
        <figcaption className="chart-key">
          {LINES.map(({ name, hue, perSecond }) => (
            <span key={name} className={`chart-line hue-${hue}`}>
              <span className="chart-swatch" aria-hidden />
              {name} <strong className="figures">{rate(now[perSecond])}</strong>
              <span className="faint">/s</span>
            </span>
          ))}
        </figcaption>
        {error && !data ? (
          <Broken words={wordsOf(error)} onRetry={again} />
        ) : (
          <Suspense fallback={place}>
            {series === null ? place : <SeriesPlot series={series} seconds={range.seconds} />}
          </Suspense>
        )}
      </figure>
    </Card>
  );
}

type Tick = { at: string; submittedPerSecond: number; finishedPerSecond: number; failedPerSecond: number };

/** The ticks that came since the page was opened, in order. */
function useTicks(now: Tick): readonly Tick[] {
  const [ticks, setTicks] = useState<readonly Tick[]>([now]);
  if (ticks.at(-1)?.at !== now.at) setTicks([...ticks, now].slice(-MOST_TICKS));
  return ticks;
}
