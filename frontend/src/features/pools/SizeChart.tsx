/** How large a pool was over the last hour, with a mark at each decision about its size. */
import { useState } from "react";
import { marks, mostOf, sizeAt, steps, HEIGHT, WIDTH, type Decision, type Size } from "./steps";
import "./pools.css";

const SPAN_S = 3_600;
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });

interface SizeChartProps {
  name: string;
  sizes: readonly Size[];
  decisions: readonly Decision[];
  /** The decision that is pointed at, here or in the list of them. */
  pointed: string | null;
  onPoint: (decision: string | null) => void;
}

export function SizeChart({ name, sizes, decisions, pointed, onPoint }: SizeChartProps) {
  const most = mostOf(sizes, decisions);
  const drawn = steps(sizes, SPAN_S, most);
  const [share, setShare] = useState<number | null>(null);
  const under = share === null ? null : sizeAt(sizes, SPAN_S, share);
  const last = sizes.at(-1);
  return (
    <figure className="size-chart">
      <Key size={share === null ? last : under?.size} at={under?.at} />
      <div className="size-frame">
        <span className="size-most faint figures" aria-hidden>
          {most}
        </span>
        <span className="size-least faint figures" aria-hidden>
          0
        </span>
        <div
          className="size-plot"
          onPointerMove={({ clientX, currentTarget }) => {
            const { left, width } = currentTarget.getBoundingClientRect();
            setShare(Math.min(1, Math.max(0, (clientX - left) / width)));
          }}
          onPointerLeave={() => setShare(null)}
        >
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`Workers of ${name} over the last hour: ${last?.actual ?? 0} there, ${last?.desired ?? 0} desired, at most ${most}`}
          >
            <path className="size-area" d={drawn.area} />
            <path className="size-line size-actual" d={drawn.actual} />
            <path className="size-line size-desired" d={drawn.desired} />
          </svg>
          {share !== null && <span className="size-cursor" style={{ left: `${share * 100}%` }} aria-hidden />}
          {marks(decisions, sizes, SPAN_S, most).map(({ key, words, isDryRun, left, bottom }) => (
            <span
              key={key}
              className={`size-mark${isDryRun ? " size-mark-dry" : ""}${key === pointed ? " size-mark-pointed" : ""}`}
              style={{ left: `${left}%`, bottom: `${bottom}%` }}
              title={words}
              aria-hidden
              onPointerEnter={() => onPoint(key)}
              onPointerLeave={() => onPoint(null)}
            />
          ))}
        </div>
        <span className="size-from faint" aria-hidden>
          an hour ago
        </span>
        <span className="size-now faint" aria-hidden>
          now
        </span>
      </div>
    </figure>
  );
}

/** What it was at the instant under the pointer; else what it is. */
function Key({ size, at }: { size: Size | undefined; at: number | undefined }) {
  return (
    <figcaption className="pool-key faint">
      <span>
        <span className="pool-swatch size-desired" aria-hidden /> desired{" "}
        <strong className="figures">{size?.desired ?? "—"}</strong>
      </span>
      <span>
        <span className="pool-swatch size-actual" aria-hidden /> there{" "}
        <strong className="figures">{size?.actual ?? "—"}</strong>
      </span>
      <span>
        <span className="size-mark size-mark-key" aria-hidden /> a decision
      </span>
      {at !== undefined && <span className="figures push">at {CLOCK.format(at)}</span>}
    </figcaption>
  );
}
