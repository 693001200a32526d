/** What a task does at this moment: why it waits and for how long, or how far it is. */
import { Hourglass } from "lucide-react";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { Meter } from "@/ui/Meter";
import { RelativeTime } from "@/ui/Time";

export const TaskNow_task = graphql(`
  fragment TaskNow_task on Task {
    id
    status
    progress
    progressMessage
    waiting {
      reason
      message
      estimatedStart
    }
  }
`);

export function TaskNow({ task: data }: { task: FragmentOf<typeof TaskNow_task> }) {
  const { status, waiting, progress, progressMessage } = readFragment(TaskNow_task, data);
  if (waiting !== null)
    return (
      <div className="now hue-waiting">
        <Hourglass size={16} aria-hidden />
        <span>{waiting.message}</span>
        {waiting.estimatedStart !== null && (
          <span className="now-notes">
            <RelativeTime at={waiting.estimatedStart} />
          </span>
        )}
      </div>
    );
  if (status !== "RUNNING" || progress === null) return null;
  return (
    <div className="now-progress">
      <div className="row">
        <span>{progressMessage ?? "Running"}</span>
        <span className="push figures">{Math.round(progress * 100)} %</span>
      </div>
      <Meter value={progress} whole={1} label="Progress" />
    </div>
  );
}
