/** The last runs of a schedule, a mark each in the colour of how it ended, the newest at the right. */
import { hueOf, runsInWords, type Run } from "./draft";

const PLACES = 20;

export function Runs({ runs }: { runs: readonly Run[] }) {
  const shown = [...runs].reverse();
  return (
    <span className="runs" role="img" aria-label={runsInWords(runs)}>
      {Array.from({ length: PLACES - shown.length }, (_, index) => (
        <span key={`none-${index}`} className="run" />
      ))}
      {shown.map((run) => (
        <span
          key={run.id}
          className={`run run-some run-${hueOf(run.status)} hue-${hueOf(run.status)}`}
          title={run.status.toLowerCase()}
        />
      ))}
    </span>
  );
}
