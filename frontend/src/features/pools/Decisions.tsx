/** What was decided about a pool's size, when, by whom or by the autoscaler, and why. */
import { RelativeTime } from "@/ui/Time";
import { keyOf, type Decision } from "./steps";
import "@/ui/table.css";
import "./pools.css";

interface DecisionsProps {
  decisions: readonly Decision[];
  pointed: string | null;
  onPoint: (decision: string | null) => void;
}

export function Decisions({ decisions, pointed, onPoint }: DecisionsProps) {
  if (decisions.length === 0)
    return (
      <p className="pool-none faint">
        Nothing has changed its size yet; what does is told here, with its reason.
      </p>
    );
  return (
    <table className="table table-cards pool-decisions">
      <thead>
        <tr>
          <th scope="col" className="pool-narrow">
            Decided
          </th>
          <th scope="col" className="pool-narrow">
            Workers
          </th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {decisions.map((decision) => {
          const { at, from, to, reason, isDryRun } = decision;
          const key = keyOf(decision);
          return (
            <tr
              key={key}
              className={key === pointed ? "pool-pointed" : undefined}
              onPointerEnter={() => onPoint(key)}
              onPointerLeave={() => onPoint(null)}
            >
              <td className="soft">
                <RelativeTime at={at} />
              </td>
              <td data-name="Workers" className="figures">
                {from === to ? to : `${from} → ${to}`}
                {isDryRun && <span className="faint"> (dry run)</span>}
              </td>
              <td className="pool-reason">{reason}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
