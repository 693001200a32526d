/** Each run of a task: by whom, how long, what came of it. */
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { Mark } from "@/ui/Badge";
import { Card } from "@/ui/Card";
import { Elapsed, RelativeTime } from "@/ui/Time";
import { OUTCOME } from "./looks";
import { ErrorText } from "./TaskOutcome";
import "@/ui/table.css";

export const TaskAttempts_task = graphql(`
  fragment TaskAttempts_task on Task {
    id
    maxAttempts
    attempts {
      id
      number
      outcome
      lateOutcome
      startedAt
      finishedAt
      worker {
        id
        name
      }
      error {
        type
        message
      }
    }
  }
`);

export function TaskAttempts({ task: data }: { task: FragmentOf<typeof TaskAttempts_task> }) {
  const { attempts, maxAttempts } = readFragment(TaskAttempts_task, data);
  return (
    <Card title="Attempts" aside={`up to ${maxAttempts}`} isFlush={attempts.length > 0}>
      {attempts.length === 0 ? (
        <p className="faint">No worker has started it yet.</p>
      ) : (
        <>
          <table className="table table-cards attempts">
            <thead>
              <tr>
                <th scope="col" className="number">
                  No.
                </th>
                <th scope="col">Outcome</th>
                <th scope="col">Worker</th>
                <th scope="col" className="number">
                  Started
                </th>
                <th scope="col" className="number">
                  Took
                </th>
              </tr>
            </thead>
            <tbody>
              {[...attempts]
                .sort((a, b) => b.number - a.number)
                .map((attempt) => (
                  <tr key={attempt.id}>
                    <td data-name="No." className="number">
                      {attempt.number}
                    </td>
                    <td className="attempt-outcome">
                      <Mark look={OUTCOME[attempt.outcome]} />
                      {attempt.error && <ErrorText {...attempt.error} />}
                      {attempt.lateOutcome && (
                        <p className="faint">
                          {OUTCOME[attempt.lateOutcome].word} came after its lease had ended, and changed
                          nothing.
                        </p>
                      )}
                    </td>
                    <td className="soft">{attempt.worker?.name ?? "—"}</td>
                    <td className="number soft">
                      <RelativeTime at={attempt.startedAt} />
                    </td>
                    <td data-name="Took" className="number attempt-took">
                      <Elapsed from={attempt.startedAt} to={attempt.finishedAt} />
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </>
      )}
    </Card>
  );
}
