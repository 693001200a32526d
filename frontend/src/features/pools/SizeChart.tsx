/** How large a pool was over the last hour, with a mark at each decision about its size. */
import { marks, mostOf, steps, HEIGHT, WIDTH, type Decision, type Size } from "./steps";
import "./pools.css";

const SPAN_S = 3_600;

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
  const last = sizes.at(-1);
  const there = last?.actual ?? 0;
  const desired = last?.desired ?? 0;
  return (
    <figure className="size-chart">
      <figcaption className="pool-key faint">
        <span>
          <span className="pool-swatch size-desired" aria-hidden /> desired{" "}
          <strong className="figures">{desired}</strong>
        </span>
        <span>
          <span className="pool-swatch size-actual" aria-hidden /> there{" "}
          <strong className="figures">{there}</strong>
        </span>
        <span>
          <span className="size-mark size-mark-key" aria-hidden /> a decision
        </span>
      </figcaption>
      <div className="size-frame">
        <span className="size-most faint figures" aria-hidden>
          {most}
        </span>
        <span className="size-least faint figures" aria-hidden>
          0
        </span>
        <div className="size-plot">
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`Workers of ${name} over the last hour: ${there} there, ${desired} desired, at most ${most}`}
          >
            <path className="size-area" d={drawn.area} />
            <path className="size-line size-actual" d={drawn.actual} />
            <path className="size-line size-desired" d={drawn.desired} />
          </svg>
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
