/** Sets of like worker processes that grow and shrink: started, sized and stopped by administrators. */
import { Boxes, Plus } from "lucide-react";
import { useState } from "react";
import { useQuery } from "urql";
import { PoolCard, PoolCard_pool } from "@/features/pools/PoolCard";
import { NEW_POOL, PoolForm } from "@/features/pools/PoolForm";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql, type FragmentOf } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { useViewer } from "@/graphql/viewer";
import { plural } from "@/lib/format";
import { useTitle } from "@/lib/title";
import { Button, ButtonLink } from "@/ui/Button";
import { PageHead } from "@/ui/Card";
import { Broken, Empty, SkeletonRows } from "@/ui/states";
import NotYoursPage from "./NotYoursPage";

const PoolsQuery = graphql(
  `
    query Pools {
      pools {
        id
        isStopped
        ...PoolCard_pool
      }
      queues {
        id
        name
        kind
      }
    }
  `,
  [PoolCard_pool],
);

const PoolsChanged = graphql(
  `
    subscription PoolsChanged {
      poolsChanged {
        id
        isStopped
        ...PoolCard_pool
      }
    }
  `,
  [PoolCard_pool],
);

export default function PoolsPage() {
  const { isAdmin } = useViewer();
  return isAdmin ? <Pools /> : <NotYoursPage place="Pools" need="admin" />;
}

function Pools() {
  useTitle("Pools");
  const [isStarting, setStarting] = useState(false);
  const [{ data, error }, reread] = useQuery({ query: PoolsQuery });
  const again = () => reread({ requestPolicy: "network-only" });
  useReread(again);
  useChanges({ query: PoolsChanged, variables: {} });
  const queues = namesOf(data?.queues ?? []);
  const pools = data?.pools;
  return (
    <>
      <PageHead title="Pools" words={pools && inAll(pools)}>
        <ButtonLink href="/workers">Workers</ButtonLink>
        <Button look="primary" icon={Plus} onClick={() => setStarting(true)}>
          Start a pool
        </Button>
      </PageHead>
      {error && !data && <Broken words={wordsOf(error)} onRetry={again} />}
      {!error && !data && <SkeletonRows rows={4} />}
      {pools && <List pools={pools} queues={queues} />}
      {isStarting && <PoolForm wish={NEW_POOL} queues={queues} onClose={() => setStarting(false)} />}
    </>
  );
}

function namesOf(queues: readonly { name: string; kind: string }[]): string[] {
  return queues.filter(({ kind }) => kind === "POOL").map(({ name }) => name);
}

function inAll(pools: readonly { isStopped: boolean }[]): string {
  const running = pools.filter(({ isStopped }) => !isStopped).length;
  return `${plural(running, "pool")} running, sized by how long tasks wait`;
}

interface ListProps {
  pools: readonly ({ id: string } & FragmentOf<typeof PoolCard_pool>)[];
  queues: readonly string[];
}

function List({ pools, queues }: ListProps) {
  if (pools.length === 0)
    return (
      <Empty icon={Boxes} title="No pool yet">
        A pool starts workers where a supervisor runs: <code className="mono">rota supervisor my_module</code>
      </Empty>
    );
  return (
    <div className="pools">
      {pools.map((pool) => (
        <PoolCard key={pool.id} pool={pool} queues={queues} />
      ))}
    </div>
  );
}
