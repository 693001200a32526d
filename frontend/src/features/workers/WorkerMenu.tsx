/** What an administrator can ask of a worker. */
import { ArrowLeftRight, MoreHorizontal, Pause, Play, Square } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/graphql/act";
import type { Refusals } from "@/graphql/errors";
import { graphql, type WorkerStatus } from "@/graphql/graphql";
import { Confirm } from "@/ui/Dialog";
import { Menu, MenuItem } from "@/ui/Menu";
import { told } from "@/ui/toast";

const PauseMutation = graphql(`
  mutation PauseWorker($id: ID!) {
    pauseWorker(id: $id) {
      worker {
        id
        status
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
  mutation ResumeWorker($id: ID!) {
    resumeWorker(id: $id) {
      worker {
        id
        status
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const StopMutation = graphql(`
  mutation StopWorker($id: ID!) {
    stopWorker(id: $id) {
      worker {
        id
        status
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

const StealingMutation = graphql(`
  mutation SetWorkerStealing($id: ID!, $stealing: Boolean!) {
    setWorkerStealing(id: $id, stealing: $stealing) {
      worker {
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

interface WorkerMenuProps {
  worker: { id: string; name: string; status: WorkerStatus; stealing: boolean };
}

export function WorkerMenu({ worker: { id, name, status, stealing } }: WorkerMenuProps) {
  const [isAsking, setAsking] = useState(false);
  const pausing = useAct(PauseMutation);
  const resuming = useAct(ResumeMutation);
  const stopping = useAct(StopMutation);
  const changing = useAct(StealingMutation);
  const tell = async (asked: Promise<{ errors: Refusals | null }>, words: string) => {
    told(await asked, words);
  };
  return (
    <>
      <Menu
        label={`Actions for ${name}`}
        buttonClass="button button-quiet button-small button-bare"
        button={<MoreHorizontal size={16} aria-hidden />}
      >
        {status === "PAUSED" ? (
          <MenuItem onChoose={() => void tell(resuming.act({ id }), `${name} takes tasks again.`)}>
            <Play size={15} aria-hidden />
            Resume
          </MenuItem>
        ) : (
          <MenuItem onChoose={() => void tell(pausing.act({ id }), `${name} takes nothing new.`)}>
            <Pause size={15} aria-hidden />
            Pause
          </MenuItem>
        )}
        <MenuItem
          onChoose={() =>
            void tell(
              changing.act({ id, stealing: !stealing }),
              stealing
                ? `${name} leaves others' lanes alone.`
                : `${name} takes from others' lanes when idle.`,
            )
          }
        >
          <ArrowLeftRight size={15} aria-hidden />
          {stealing ? "Stop stealing" : "Steal when idle"}
        </MenuItem>
        <MenuItem onChoose={() => setAsking(true)}>
          <Square size={15} aria-hidden />
          Drain and stop
        </MenuItem>
      </Menu>
      {isAsking && (
        <Confirm
          title={`Stop ${name}?`}
          action="Stop the worker"
          isBusy={stopping.isBusy}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            void tell(stopping.act({ id }), `${name} finishes what it runs, then ends.`).then(() =>
              setAsking(false),
            )
          }
        >
          It finishes what it runs, takes nothing new, and ends. Under <code className="mono">rota up</code>{" "}
          another one takes its place.
        </Confirm>
      )}
    </>
  );
}
