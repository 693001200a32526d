/** All tasks that the viewer may see, narrowed by what stands in the address. */
import { ListChecks, SearchX, Send, ThumbsUp } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { SavedViews } from "@/features/tasks/SavedViews";
import { TaskFilters } from "@/features/tasks/TaskFilters";
import { TaskList } from "@/features/tasks/TaskList";
import { filterOf, isNarrowed, paramsOf, wantedOf, type Wanted } from "@/features/tasks/wanted";
import { graphql } from "@/graphql/graphql";
import { useTitle } from "@/lib/title";
import { Button, ButtonLink } from "@/ui/Button";
import { PageHead } from "@/ui/Card";
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

export default function TasksPage() {
  useTitle("Tasks");
  const [params, setParams] = useSearchParams();
  const [{ data }] = useQuery({ query: TasksPageQuery });
  const address = params.toString();
  const wanted = useMemo(() => wantedOf(new URLSearchParams(address)), [address]);
  const change = useCallback((next: Wanted) => setParams(paramsOf(next), { replace: true }), [setParams]);
  return (
    <>
      <PageHead title="Tasks">
        <ButtonLink look="primary" icon={Send} href="/submit">
          Submit a task
        </ButtonLink>
      </PageHead>
      <TaskFilters
        wanted={wanted}
        queues={data?.queues.map(({ name }) => name) ?? []}
        functions={data?.functions.map(({ name }) => name) ?? []}
        onChange={change}
      />
      <SavedViews address={address} isNarrowed={isNarrowed(wanted)} />
      <Listed key={address} wanted={wanted} onClear={() => setParams("", { replace: true })} />
    </>
  );
}

/** Of one address: "the last hour" is counted from when it was asked for, so that the list stays one list. */
function Listed({ wanted, onClear }: { wanted: Wanted; onClear: () => void }) {
  const [filter] = useState(() => filterOf(wanted, Date.now()));
  return (
    <TaskList filter={filter} order={wanted.order} empty={<Nothing wanted={wanted} onClear={onClear} />} />
  );
}

/** Nothing there yet, nothing bad, or nothing that matches: three different things to say. */
function Nothing({ wanted, onClear }: { wanted: Wanted; onClear: () => void }) {
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
      Take away a part of the filter to see more.
      <div>
        <Button onClick={onClear}>Clear the filter</Button>
      </div>
    </Empty>
  );
}
