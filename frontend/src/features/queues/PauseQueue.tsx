/** Holds a queue, and lets it go on. */
import { Pause, Play } from "lucide-react";
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { Button } from "@/ui/Button";
import { told } from "@/ui/toast";

const PauseMutation = graphql(`
  mutation PauseQueue($name: String!) {
    pauseQueue(name: $name) {
      queue {
        id
        isPaused
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
  mutation ResumeQueue($name: String!) {
    resumeQueue(name: $name) {
      queue {
        id
        isPaused
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

export function PauseQueue({ name, isPaused }: { name: string; isPaused: boolean }) {
  const pausing = useAct(PauseMutation);
  const resuming = useAct(ResumeMutation);
  const change = async () => {
    const outcome = await (isPaused ? resuming : pausing).act({ name });
    const link = { href: `/queues/${encodeURIComponent(name)}`, words: "See it" };
    told(outcome, isPaused ? `${name} goes on.` : `${name} is paused; what runs is finished.`, link);
  };
  return (
    <Button
      isSmall
      icon={isPaused ? Play : Pause}
      isBusy={pausing.isBusy || resuming.isBusy}
      aria-label={`${isPaused ? "Resume" : "Pause"} ${name}`}
      onClick={() => void change()}
    >
      {isPaused ? "Resume" : "Pause"}
    </Button>
  );
}
