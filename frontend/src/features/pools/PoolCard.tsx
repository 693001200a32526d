/** One pool: how large it is and may be, how its size went, and why. */
import { CirclePause, CirclePlay, FlaskConical, Pencil, Play, Square } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { plural } from "@/lib/format";
import { seconds as inWords } from "@/lib/time";
import { Badge, type Look } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Fact } from "@/ui/Card";
import { Confirm } from "@/ui/Dialog";
import { told } from "@/ui/toast";
import { Decisions } from "./Decisions";
import { PoolForm, type Wish } from "./PoolForm";
import { SizeChart } from "./SizeChart";
import "./pools.css";

export const PoolCard_pool = graphql(`
  fragment PoolCard_pool on Pool {
    id
    name
    slotsPerWorker
    minWorkers
    maxWorkers
    stealing
    desiredWorkers
    targetWaitSeconds
    dryRun
    isStopped
    queues {
      id
      name
    }
    workers {
      id
    }
    sizes(seconds: 3600) {
      at
      desired
      actual
    }
    decisions(first: 8) {
      at
      from
      to
      reason
      isDryRun
    }
  }
`);

const StopMutation = graphql(`
  mutation StopPool($id: ID!) {
    stopPool(id: $id) {
      pool {
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

const RUNS: Look = { word: "Runs", icon: CirclePlay, hue: "good" };
const DRY: Look = { word: "Dry run", icon: FlaskConical, hue: "working" };
const STOPPED: Look = { word: "Stopped", icon: CirclePause, hue: "stopped" };

interface PoolCardProps {
  pool: FragmentOf<typeof PoolCard_pool>;
  queues: readonly string[];
}

export function PoolCard({ pool: data, queues }: PoolCardProps) {
  const pool = readFragment(PoolCard_pool, data);
  const [pointed, setPointed] = useState<string | null>(null);
  const look = pool.isStopped ? STOPPED : pool.dryRun ? DRY : RUNS;
  return (
    <section className="card pool" aria-label={`Pool ${pool.name}`}>
      <div className="pool-head">
        <h2 className="clip">{pool.name}</h2>
        <Badge look={look} />
        <PoolActions pool={pool} queues={queues} />
      </div>
      <div className="pool-body">
        <div>
          <p className="pool-size">
            <span className="big figures">{pool.workers.length}</span>
            <span className="faint"> of {plural(pool.desiredWorkers, "desired worker")}</span>
          </p>
          <dl className="facts pool-facts">
            <Fact name="Bounds">
              {pool.minWorkers} to {pool.maxWorkers}
            </Fact>
            <Fact name="Slots a worker">{pool.slotsPerWorker}</Fact>
            <Fact name="Target wait">{inWords(pool.targetWaitSeconds)}</Fact>
            <Fact name="Stealing">{pool.stealing ? "when idle" : "off"}</Fact>
            <Fact name="Queues">
              {pool.queues.length === 0
                ? "those of its functions"
                : pool.queues.map(({ name }) => name).join(", ")}
            </Fact>
          </dl>
        </div>
        <SizeChart
          name={pool.name}
          sizes={pool.sizes}
          decisions={pool.decisions}
          pointed={pointed}
          onPoint={setPointed}
        />
      </div>
      <Decisions decisions={pool.decisions} pointed={pointed} onPoint={setPointed} />
    </section>
  );
}

type Shown = Omit<Wish, "queues" | "slotsPerWorker" | "minWorkers" | "maxWorkers" | "targetWaitSeconds"> & {
  id: string;
  isStopped: boolean;
  queues: readonly { name: string }[];
  slotsPerWorker: number;
  minWorkers: number;
  maxWorkers: number;
  targetWaitSeconds: number;
};

function PoolActions({ pool, queues }: { pool: Shown; queues: readonly string[] }) {
  const [open, setOpen] = useState<"form" | "stop" | null>(null);
  const { act, isBusy } = useAct(StopMutation);
  const close = () => setOpen(null);
  const stop = async () => {
    told(await act({ id: pool.id }), `${pool.name} stops; its workers finish what they run.`);
    close();
  };
  const wish: Wish = {
    name: pool.name,
    queues: pool.queues.map(({ name }) => name),
    slotsPerWorker: String(pool.slotsPerWorker),
    minWorkers: String(pool.minWorkers),
    maxWorkers: String(pool.maxWorkers),
    targetWaitSeconds: String(pool.targetWaitSeconds),
    stealing: pool.stealing,
    dryRun: pool.dryRun,
  };
  return (
    <div className="pool-actions">
      <Button
        isSmall
        icon={pool.isStopped ? Play : Pencil}
        aria-label={`${pool.isStopped ? "Start" : "Edit"} ${pool.name}`}
        onClick={() => setOpen("form")}
      >
        {pool.isStopped ? "Start" : "Edit"}
      </Button>
      {!pool.isStopped && (
        <Button isSmall icon={Square} aria-label={`Stop ${pool.name}`} onClick={() => setOpen("stop")}>
          Stop
        </Button>
      )}
      {open === "form" && (
        <PoolForm {...(!pool.isStopped && { id: pool.id })} wish={wish} queues={queues} onClose={close} />
      )}
      {open === "stop" && (
        <Confirm
          title={`Stop ${pool.name}?`}
          action="Stop the pool"
          isBusy={isBusy}
          onClose={close}
          onConfirm={() => void stop()}
        >
          Its workers finish what they run and end. Its tasks wait until another worker takes them, or the
          pool is started again.
        </Confirm>
      )}
    </div>
  );
}
