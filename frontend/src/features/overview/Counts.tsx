/** How many tasks stand where, each count a way to those tasks. */
import { graphql, readFragment, type FragmentOf, type TaskStatus } from "@/graphql/graphql";
import { count, short } from "@/lib/format";
import { STATUS, STATUSES } from "../tasks/looks";
import { TasksLink } from "../tasks/TasksLink";
import "./overview.css";

export const Counts_metrics = graphql(`
  fragment Counts_metrics on Metrics {
    countsByStatus {
      status
      count
    }
  }
`);

/** Always there; the others only where there are some. */
const ALWAYS: ReadonlySet<TaskStatus> = new Set(["QUEUED", "RUNNING", "SUCCEEDED", "FAILED"]);

export function Counts({ metrics }: { metrics: FragmentOf<typeof Counts_metrics> }) {
  const { countsByStatus } = readFragment(Counts_metrics, metrics);
  const amounts = new Map(countsByStatus.map(({ status, count }) => [status, count]));
  const shown = STATUSES.filter((status) => ALWAYS.has(status) || (amounts.get(status) ?? 0) > 0);
  return (
    <section className="counts" aria-label="Tasks by status">
      {shown.map((status) => {
        const { word, icon: Icon, hue } = STATUS[status];
        const amount = amounts.get(status) ?? 0;
        return (
          <TasksLink
            key={status}
            href={`/tasks?status=${status.toLowerCase()}`}
            className={`count hue-${hue}`}
          >
            <span className="count-name">
              <Icon size={14} strokeWidth={2} aria-hidden />
              {word}
            </span>
            <span className={amount === 0 ? "count-number faint" : "count-number"} title={count(amount)}>
              {short(amount)}
            </span>
          </TasksLink>
        );
      })}
    </section>
  );
}
