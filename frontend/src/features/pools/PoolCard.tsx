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
import { RelativeTime } from "@/ui/Time";
import { toast } from "@/ui/toast";
import { PoolForm, type Wish } from "./PoolForm";
import { HEIGHT, steps, WIDTH, type Size } from "./steps";
import "@/ui/table.css";
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
        <SizeChart name={pool.name} sizes={pool.sizes} />
      </div>
      <Decisions decisions={pool.decisions} />
    </section>
  );
}

function SizeChart({ name, sizes }: { name: string; sizes: readonly Size[] }) {
  const drawn = steps(sizes, 3_600);
  const last = sizes.at(-1);
  return (
    <figure className="size-chart">
      <figcaption className="pool-key faint">
        <span>
          <span className="pool-swatch size-desired" aria-hidden /> desired{" "}
          <strong className="figures">{last?.desired ?? 0}</strong>
        </span>
        <span>
          <span className="pool-swatch size-actual" aria-hidden /> there{" "}
          <strong className="figures">{last?.actual ?? 0}</strong>
        </span>
        <span>the last hour, at most {drawn.most}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Workers of ${name} over the last hour: ${last?.actual ?? 0} there, ${last?.desired ?? 0} desired, at most ${drawn.most}`}
      >
        <path className="size-area" d={drawn.area} />
        <path className="size-line size-actual" d={drawn.actual} />
        <path className="size-line size-desired" d={drawn.desired} />
      </svg>
    </figure>
  );
}

interface Decision {
  at: string;
  from: number;
  to: number;
  reason: string;
  isDryRun: boolean;
}

function Decisions({ decisions }: { decisions: readonly Decision[] }) {
  if (decisions.length === 0)
    return (
      <p className="pool-none faint">
        Nothing has changed its size yet; what does is told here, with its reason.
      </p>
    );
  return (
    <table className="table pool-decisions">
      <thead>
        <tr>
          <th scope="col" className="pool-narrow">
            Decided
          </th>
          <th scope="col" className="pool-narrow">
            Workers
          </th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {decisions.map(({ at, from, to, reason, isDryRun }) => (
          <tr key={`${at}-${from}-${to}-${reason}`}>
            <td className="soft">
              <RelativeTime at={at} />
            </td>
            <td className="figures">
              {from === to ? to : `${from} → ${to}`}
              {isDryRun && <span className="faint"> (dry run)</span>}
            </td>
            <td className="pool-reason">{reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
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
    const { errors } = await act({ id: pool.id });
    if (errors) toast.bad(errors[0].message);
    else toast.good(`${pool.name} stops; its workers finish what they run.`);
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
