/** What can be done to a schedule: run now and pause at hand, the rest in a menu. */
import { MoreHorizontal, Pause, Pencil, Play, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { Button } from "@/ui/Button";
import { Confirm } from "@/ui/Dialog";
import { Menu, MenuItem } from "@/ui/Menu";
import { told } from "@/ui/toast";

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

interface ScheduleActionsProps {
  id: string;
  name: string;
  isPaused: boolean;
  onEdit: () => void;
}

export function ScheduleActions({ id, name, isPaused, onEdit }: ScheduleActionsProps) {
  const [isAsking, setAsking] = useState(false);
  const pausing = useAct(PauseMutation);
  const resuming = useAct(ResumeMutation);
  const running = useAct(RunMutation);
  const deleting = useAct(DeleteMutation);
  const toggle = async () => {
    const outcome = await (isPaused ? resuming : pausing).act({ id });
    told(outcome, isPaused ? `${name} goes on with its next tick.` : `${name} is paused.`);
  };
  const run = async () => {
    const outcome = await running.act({ id });
    const task = outcome.data?.runScheduleNow.task;
    told(outcome, `${name} runs now.`, task ? { href: `/tasks/${task.id}`, words: "Watch it" } : null);
  };
  const remove = async () => {
    told(await deleting.act({ id }), `${name} is deleted.`);
    setAsking(false);
  };
  return (
    <div className="schedule-actions">
      <Button
        isSmall
        look="quiet"
        icon={Zap}
        isBusy={running.isBusy}
        aria-label={`Run now: ${name}`}
        onClick={() => void run()}
      >
        Run now
      </Button>
      <Button
        isSmall
        look="quiet"
        icon={isPaused ? Play : Pause}
        isBusy={pausing.isBusy || resuming.isBusy}
        aria-label={`${isPaused ? "Resume" : "Pause"} ${name}`}
        onClick={() => void toggle()}
      >
        {isPaused ? "Resume" : "Pause"}
      </Button>
      <Menu
        label={`Actions for ${name}`}
        buttonClass="button button-quiet button-small button-bare"
        button={<MoreHorizontal size={16} aria-hidden />}
      >
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
    </div>
  );
}
