/** Lines over time: uPlot in the page's own colours. */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "./series";

const HEIGHT = 176;
/** All charts of a page have one cursor. */
const SYNC = "page";

interface PlotProps {
  title: string;
  series: Series;
  seconds: number;
  format: (value: number | null) => string;
  onCursor: (index: number | null) => void;
}

export default function SeriesPlot({ title, series, seconds, format, onCursor }: PlotProps) {
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
      plot.current = new uPlot(optionsFor(element, series, seconds, format, tell), dataOf(series), element);
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
  }, [shape, seconds]);

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
  series: Series,
  seconds: number,
  format: PlotProps["format"],
  onCursor: PlotProps["onCursor"],
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
    padding: [8, 30, 0, 0],
    cursor: { y: false, points: { size: 6 }, sync: { key: SYNC } },
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)] },
    scales: {
      x: {
        range: (self) => {
          const last = self.data[0].at(-1) ?? Date.now() / 1_000;
          return [last - seconds, last];
        },
      },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.15 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 80,
        size: 26,
        values: (_, splits) => splits.map(clock(seconds)),
      },
      { ...axis, size: 56, space: 36, values: (_, splits) => splits.map((value) => format(value)) },
    ],
    series: [
      {},
      ...series.lines.map(({ name, hue }) => ({
        label: name,
        stroke: colour(`--${hue}-shape`),
        fill: colour(`--${hue}-shape`, 0.07),
        width: 1.5,
        spanGaps: true,
        points: { show: false },
      })),
    ],
  };
}

/** "14:05", with its seconds where the line is short. */
function clock(seconds: number): (at: number) => string {
  const format = new Intl.DateTimeFormat(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds < 600 && { second: "2-digit" }),
    hourCycle: "h23",
  });
  return (at) => format.format(at * 1_000);
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
