/** A schedule as a row: what it runs, when next, how its last runs ended, and what can be done to it. */
import {
  CircleAlert,
  CirclePause,
  CirclePlay,
  MoreHorizontal,
  Pause,
  Pencil,
  Play,
  Trash2,
  Zap,
} from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { Mark, type Look } from "@/ui/Badge";
import { Confirm } from "@/ui/Dialog";
import { Menu, MenuItem } from "@/ui/Menu";
import { RelativeTime } from "@/ui/Time";
import { toast } from "@/ui/toast";
import { Runs } from "./Runs";

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
    }
  }
`);

const PauseMutation = graphql(`
  mutation PauseSchedule($id: ID!) {
    pauseSchedule(id: $id) {
      schedule {
        id
        isPaused
        nextRunAt
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const ResumeMutation = graphql(`
  mutation ResumeSchedule($id: ID!) {
    resumeSchedule(id: $id) {
      schedule {
        id
        isPaused
        nextRunAt
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const RunMutation = graphql(`
  mutation RunScheduleNow($id: ID!) {
    runScheduleNow(id: $id) {
      task {
        id
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const DeleteMutation = graphql(`
  mutation DeleteSchedule($id: ID!) {
    deleteSchedule(id: $id) {
      id
      errors {
        code
        message
        path
      }
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
      <td data-name="When" className="soft">
        {schedule.description}
        {schedule.timezone !== "UTC" && <span className="faint">, {schedule.timezone}</span>}
      </td>
      <td data-name="Next" className="number soft">
        {schedule.nextRunAt === null ? "—" : <RelativeTime at={schedule.nextRunAt} />}
      </td>
      <td data-name="Last runs" className="schedule-runs">
        <Runs runs={tasks} />
        {last && (
          <Link href={`/tasks/${last.id}`} className="link">
            <RelativeTime at={last.createdAt} />
          </Link>
        )}
      </td>
      <td className="number">
        <ScheduleMenu id={schedule.id} name={schedule.name} isPaused={schedule.isPaused} onEdit={onEdit} />
      </td>
    </tr>
  );
}

interface ScheduleMenuProps {
  id: string;
  name: string;
  isPaused: boolean;
  onEdit: () => void;
}

function ScheduleMenu({ id, name, isPaused, onEdit }: ScheduleMenuProps) {
  const [isAsking, setAsking] = useState(false);
  const pausing = useAct(PauseMutation);
  const resuming = useAct(ResumeMutation);
  const running = useAct(RunMutation);
  const deleting = useAct(DeleteMutation);
  const toggle = async () => {
    const { errors } = await (isPaused ? resuming : pausing).act({ id });
    if (errors) toast.bad(errors[0].message);
    else toast.good(isPaused ? `${name} goes on with its next tick.` : `${name} is paused.`);
  };
  const run = async () => {
    const { data, errors } = await running.act({ id });
    const task = data?.runScheduleNow.task;
    if (errors) toast.bad(errors[0].message);
    else toast.good(`${name} runs now.`, task ? { href: `/tasks/${task.id}`, words: "Watch it" } : null);
  };
  const remove = async () => {
    const { errors } = await deleting.act({ id });
    if (errors) toast.bad(errors[0].message);
    else toast.good(`${name} is deleted.`);
    setAsking(false);
  };
  return (
    <>
      <Menu
        label={`Actions for ${name}`}
        buttonClass="button button-quiet button-small button-bare"
        button={<MoreHorizontal size={16} aria-hidden />}
      >
        <MenuItem onChoose={() => void run()}>
          <Zap size={15} aria-hidden />
          Run now
        </MenuItem>
        <MenuItem onChoose={() => void toggle()}>
          {isPaused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />}
          {isPaused ? "Resume" : "Pause"}
        </MenuItem>
        <MenuItem onChoose={onEdit}>
          <Pencil size={15} aria-hidden />
          Change
        </MenuItem>
        <MenuItem onChoose={() => setAsking(true)}>
          <Trash2 size={15} aria-hidden />
          Delete
        </MenuItem>
      </Menu>
      {isAsking && (
        <Confirm
          title={`Delete ${name}?`}
          action="Delete the schedule"
          isBusy={deleting.isBusy}
          onClose={() => setAsking(false)}
          onConfirm={() => void remove()}
        >
          It makes no more tasks. Those that it made stay.
        </Confirm>
      )}
    </>
  );
}
