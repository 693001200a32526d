/** How long tasks wait and run, and how many of the slots are in use. */
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { count, plural } from "@/lib/format";
import { seconds } from "@/lib/time";
import { Card } from "@/ui/Card";
import { Meter } from "@/ui/Meter";
import "./overview.css";

export const Pace_metrics = graphql(`
  fragment Pace_metrics on Metrics {
    activeWorkers
    totalSlots
    busySlots
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

export function Pace({ metrics }: { metrics: FragmentOf<typeof Pace_metrics> }) {
  const { activeWorkers, totalSlots, busySlots, waitSeconds, runSeconds } = readFragment(
    Pace_metrics,
    metrics,
  );
  return (
    <Card title="Slots and pace" aside="the last minute">
      <div className="slots-line">
        <span className="big figures">
          {count(busySlots)}
          <span className="faint">
            {" "}
            of {plural(totalSlots, "slot")} busy, {count(Math.max(totalSlots - busySlots, 0))} free
          </span>
        </span>
        <span className="faint figures">{plural(activeWorkers, "worker")}</span>
      </div>
      <Meter value={busySlots} whole={totalSlots} label="Slots in use" />
      <table className="pace figures">
        <thead>
          <tr>
            <td />
            <th scope="col">p50</th>
            <th scope="col">p95</th>
            <th scope="col">p99</th>
          </tr>
        </thead>
        <tbody>
          {(
            [
              ["Waiting", waitSeconds],
              ["Running", runSeconds],
            ] as const
          ).map(([name, { p50, p95, p99 }]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{seconds(p50)}</td>
              <td>{seconds(p95)}</td>
              <td>{seconds(p99)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
