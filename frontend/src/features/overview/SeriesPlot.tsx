/** Lines over time: uPlot in the page's own colours. */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { present } from "@/lib/now";
import { lonely, type Series } from "./series";

const HEIGHT = 176;
/** Ticks of clocks and of durations stand at round ones, in seconds. */
const ROUND = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800];
const SHORT = [1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
/** Of rates, which are told by one digit or two. */
const RATES = [0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000].flatMap((ten) => [ten, 2 * ten, 5 * ten]);
/** All charts of a page have one cursor. */
const SYNC = "page";

interface PlotProps {
  title: string;
  series: Series;
  seconds: number;
  /** Whether the values are seconds. */
  isTime: boolean;
  format: (value: number | null) => string;
  onCursor: (index: number | null) => void;
}

export default function SeriesPlot({ title, series, seconds, isTime, format, onCursor }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shape = series.lines.map(({ name, hue }) => `${name}:${hue}`).join();
  const newest = useRef({ series, format, onCursor });
  useEffect(() => {
    newest.current = { series, format, onCursor };
  });

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const draw = () => {
      plot.current?.destroy();
      const { series, format } = newest.current;
      const tell = (index: number | null) => newest.current.onCursor(index);
      const options = optionsFor(element, { series, seconds, isTime, format, onCursor: tell });
      plot.current = new uPlot(options, dataOf(series), element);
    };
    draw();
    const resize = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resize.observe(element);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      resize.disconnect();
      theme.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, seconds, isTime]);

  useEffect(() => {
    plot.current?.setData(dataOf(series));
  }, [series]);
  return (
    <>
      <div ref={place} className="plot" aria-hidden />
      <SeriesTable title={title} series={series} format={format} />
    </>
  );
}

/** The same for those who cannot see it: the newest values and the highest. */
function SeriesTable({ title, series, format }: Pick<PlotProps, "title" | "series" | "format">) {
  return (
    <table className="hidden-text">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col">Now</th>
          <th scope="col">Highest</th>
        </tr>
      </thead>
      <tbody>
        {series.lines.map(({ name, values }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{format(values.at(-1) ?? null)}</td>
            <td>{format(Math.max(0, ...values.map((value) => value ?? 0)))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function dataOf({ at, lines }: Series): uPlot.AlignedData {
  return [at, ...lines.map(({ values }) => values)];
}

function optionsFor(
  element: HTMLElement,
  { series, seconds, isTime, format, onCursor }: Omit<PlotProps, "title">,
): uPlot.Options {
  const colour = colours(element);
  const faint = colour("--text-faint");
  const axis = {
    stroke: faint,
    font: `12px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 20, 0, 0],
    cursor: { y: false, points: { size: 6 }, sync: { key: SYNC } },
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)] },
    scales: {
      x: {
        range: (self) => {
          const last = self.data[0].at(-1) ?? present() / 1_000;
          return [last - seconds, last];
        },
      },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.15 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 64,
        size: 26,
        incrs: ROUND,
        values: (_, splits) => splits.map(clock),
      },
      {
        ...axis,
        size: widthOf,
        space: 36,
        incrs: isTime ? [...SHORT, ...ROUND] : RATES,
        values: (_, splits) => splits.map((value) => format(value)),
      },
    ],
    series: [
      {},
      ...series.lines.map(({ name, hue }) => ({
        label: name,
        stroke: colour(`--${hue}-shape`),
        fill: colour(`--${hue}-shape`, 0.07),
        width: 1.5,
        points: {
          show: false,
          size: 4,
          filter: (self: uPlot, of: number) => lonely(Array.from(self.data[of] ?? [])),
        },
      })),
    ],
  };
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const clock = (at: number) => CLOCK.format(at * 1_000);

/** As wide as its longest label: "1 min 30 s" needs more than "2 s". */
function widthOf(_: uPlot, labels: readonly string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return Math.max(44, longest * 7 + 14);
}

/** Custom properties as colours that a canvas understands, for light-dark() is not one. */
function colours(element: HTMLElement) {
  const probe = document.createElement("span");
  return (name: string, alpha = 1): string => {
    probe.style.color = `color-mix(in oklab, var(${name}) ${alpha * 100}%, transparent)`;
    element.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
}
