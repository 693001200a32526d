/** A schedule as a row: what it runs, when next, how its last runs ended, and what can be done to it. */
import { CircleAlert, CirclePause, CirclePlay } from "lucide-react";
import { Link } from "wouter";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { Mark, type Look } from "@/ui/Badge";
import { RelativeTime } from "@/ui/Time";
import { NextRun } from "./NextRun";
import { Runs } from "./Runs";
import { ScheduleActions } from "./ScheduleActions";

export const ScheduleRow_schedule = graphql(`
  fragment ScheduleRow_schedule on Schedule {
    id
    name
    function
    description
    timezone
    isPaused
    nextRunAt
    lastRunAt
    error
    failedAt
    owner {
      id
      username
    }
    tasks(first: 20) {
      id
      status
      createdAt
      version
    }
  }
`);

const ON: Look = { word: "On", icon: CirclePlay, hue: "good" };
const PAUSED: Look = { word: "Paused", icon: CirclePause, hue: "stopped" };
const FAULTY: Look = { word: "Fails", icon: CircleAlert, hue: "bad" };

interface ScheduleRowProps {
  schedule: FragmentOf<typeof ScheduleRow_schedule>;
  onEdit: () => void;
}

export function ScheduleRow({ schedule: data, onEdit }: ScheduleRowProps) {
  const schedule = readFragment(ScheduleRow_schedule, data);
  const { user } = useViewer();
  const { owner, tasks, error } = schedule;
  const [last] = tasks;
  const isAnothers = owner !== null && owner.id !== user.id;
  return (
    <tr>
      <td>
        <Mark look={error !== null ? FAULTY : schedule.isPaused ? PAUSED : ON} />
      </td>
      <td className="schedule-name">
        <button type="button" className="schedule-open row-link" onClick={onEdit}>
          {schedule.name}
        </button>
        <span className="mono faint">{schedule.function}</span>
        {isAnothers && <span className="faint">of {owner.username}</span>}
        {error !== null && (
          <span className="schedule-error">
            No task was made {schedule.failedAt !== null && <RelativeTime at={schedule.failedAt} />}: {error}
          </span>
        )}
      </td>
      <td data-name="When" className="soft schedule-time">
        <span>
          {schedule.description}
          {schedule.timezone !== "UTC" && <span className="faint">, {schedule.timezone}</span>}
        </span>
      </td>
      <td data-name="Next" className="soft schedule-time">
        {schedule.nextRunAt === null ? (
          <span className="faint">not while it is paused</span>
        ) : (
          <NextRun at={schedule.nextRunAt} />
        )}
      </td>
      <td data-name="Last runs" className="schedule-runs">
        <Runs runs={tasks} />
        {last && (
          <Link href={`/tasks/${last.id}`} className="link">
            <RelativeTime at={last.createdAt} />
          </Link>
        )}
      </td>
      <td className="number cell-actions">
        <ScheduleActions id={schedule.id} name={schedule.name} isPaused={schedule.isPaused} onEdit={onEdit} />
      </td>
    </tr>
  );
}
