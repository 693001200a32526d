/** All tasks that the viewer may see, narrowed by what stands in the address. */
import { History, ListChecks, SearchX, Send, ThumbsUp } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { useClient, useQuery } from "urql";
import { useLocation, useSearchParams } from "wouter";
import { ActionDialog } from "@/features/bulk/ActionDialog";
import { RecentDialog } from "@/features/bulk/RecentDialog";
import { ACTION, addressOfAction } from "@/features/bulk/watch";
import { recallList } from "@/features/tasklist/kept";
import { SavedViews } from "@/features/tasklist/SavedViews";
import { TaskFilters } from "@/features/tasklist/TaskFilters";
import { TaskList } from "@/features/tasklist/TaskList";
import {
  askedOf,
  filterOf,
  isNarrowed,
  paramsOf,
  wordsOfWanted,
  type Wanted,
} from "@/features/tasklist/wanted";
import { graphql, type ResultOf } from "@/graphql/graphql";
import { present } from "@/lib/now";
import { useTitle } from "@/lib/title";
import { Button, ButtonLink } from "@/ui/Button";
import { PageHead } from "@/ui/Card";
import { Misread } from "@/ui/Misread";
import { Empty } from "@/ui/states";

const TasksPageQuery = graphql(`
  query TasksPage {
    queues {
      id
      name
    }
    functions {
      name
    }
  }
`);

type Known = ResultOf<typeof TasksPageQuery>;

/** In the place of one action: the recent ones. */
const RECENT = "recent";

export default function TasksPage() {
  useTitle("Tasks");
  const [params, setParams] = useSearchParams();
  const [, go] = useLocation();
  const [{ data }] = useQuery({ query: TasksPageQuery });
  const asked = params.toString();
  const { wanted, misread } = useMemo(() => askedOf(new URLSearchParams(asked), ACTION), [asked]);
  const address = paramsOf(wanted).toString();
  const change = useCallback((next: Wanted) => setParams(paramsOf(next), { replace: true }), [setParams]);
  return (
    <>
      <PageHead title="Tasks">
        <Button icon={History} onClick={() => go(addressOfAction(RECENT, address))}>
          Actions
        </Button>
        <ButtonLink look="primary" icon={Send} href="/submit">
          Submit a task
        </ButtonLink>
      </PageHead>
      <TaskFilters
        wanted={wanted}
        queues={data?.queues.map(({ name }) => name) ?? []}
        functions={data?.functions.map(({ name }) => name) ?? []}
        onChange={change}
      >
        <SavedViews address={address} isNarrowed={isNarrowed(wanted)} />
      </TaskFilters>
      {misread.length > 0 ? (
        <Misread parts={misread} onDrop={() => change(wanted)}>
          No task is shown until it is mended, for more would be than was asked for.
        </Misread>
      ) : (
        <Listed
          key={address}
          address={address}
          wanted={wanted}
          known={data ?? null}
          onClear={() => setParams("", { replace: true })}
        />
      )}
      <Opened id={params.get(ACTION)} onClose={() => setParams(address, { replace: true })} />
    </>
  );
}

function Opened({ id, onClose }: { id: string | null; onClose: () => void }) {
  if (id === null) return null;
  return id === RECENT ? (
    <RecentDialog onClose={onClose} />
  ) : (
    <ActionDialog key={id} id={id} onClose={onClose} />
  );
}

interface ListedProps {
  address: string;
  wanted: Wanted;
  known: Known | null;
  onClear: () => void;
}

/** Of one address: "the last hour" is counted from when it was asked for, so that the list stays one list. */
function Listed({ address, wanted, known, onClear }: ListedProps) {
  const client = useClient();
  const [kept] = useState(() => recallList(client, address));
  const [filter] = useState(() => kept?.list.filter ?? filterOf(wanted, present()));
  return (
    <TaskList
      address={address}
      filter={filter}
      order={wanted.order}
      words={wordsOfWanted(wanted)}
      kept={kept}
      empty={<Nothing wanted={wanted} known={known} onClear={onClear} />}
    />
  );
}

/** Nothing there yet, nothing bad, or nothing that matches: three different things to say. */
function Nothing({ wanted, known, onClear }: Omit<ListedProps, "address">) {
  if (!isNarrowed(wanted))
    return (
      <Empty icon={ListChecks} title="No tasks yet">
        Every task that you submit stands here, newest first. Submit one from this page, or from a shell:{" "}
        <code className="mono">rota submit multiply --arg a=6 --arg b=7 --wait</code>
      </Empty>
    );
  const isOnlyFailed = wanted.status.length === 1 && wanted.status[0] === "FAILED";
  if (isOnlyFailed && !isNarrowed({ ...wanted, status: [] }))
    return (
      <Empty icon={ThumbsUp} title="Nothing has failed">
        Tasks that used up their attempts would stand here, with what went wrong.
      </Empty>
    );
  return (
    <Empty icon={SearchX} title="No task matches">
      {strangerOf(wanted, known) ?? "Take away a part of the filter to see more."}
      <div>
        <Button onClick={onClear}>Clear the filter</Button>
      </div>
    </Empty>
  );
}

/** Says of a name in the filter that nothing is called so now: tasks may be kept of what is gone, but here are none. */
function strangerOf({ queue, function: name }: Wanted, known: Known | null): string | null {
  if (known === null) return null;
  if (queue !== "" && known.queues.every((each) => each.name !== queue))
    return `No queue is called ${queue}. There are: ${known.queues.map((each) => each.name).join(", ")}.`;
  if (name !== "" && known.functions.every((each) => each.name !== name))
    return `No worker offers a function called ${name}.`;
  return null;
}
