/** What came of a task: its result, or what went wrong. */
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { Card } from "@/ui/Card";
import { CodeView, JsonView } from "@/ui/JsonView";
import { isFinal } from "./looks";

export const TaskOutcome_task = graphql(`
  fragment TaskOutcome_task on Task {
    id
    status
    result
    exitCode
    error {
      type
      message
      traceback
    }
  }
`);

export function TaskOutcome({ task: data }: { task: FragmentOf<typeof TaskOutcome_task> }) {
  const { status, result, exitCode, error } = readFragment(TaskOutcome_task, data);
  if (error !== null)
    return (
      <Card
        title={isFinal(status) ? "Error" : "Last error"}
        aside={exitCode !== null && `exit code ${exitCode}`}
      >
        <ErrorText type={error.type} message={error.message} />
        {error.traceback !== null && <CodeView text={error.traceback} label="Traceback" />}
      </Card>
    );
  if (status !== "SUCCEEDED") return null;
  return (
    <Card title="Result" aside={exitCode !== null && exitCode !== 0 && `exit code ${exitCode}`}>
      {result === null ? (
        <p className="faint">It returned nothing.</p>
      ) : (
        <JsonView value={result} label="Result" />
      )}
    </Card>
  );
}

export function ErrorText({ type, message }: { type: string; message: string }) {
  return (
    <p className="error-text">
      <span className="mono">{type}</span> {message}
    </p>
  );
}
