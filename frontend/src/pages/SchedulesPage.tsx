/** What runs by the clock: when next, how the last runs ended, and what keeps one from running. */
import { CalendarClock, Plus } from "lucide-react";
import { useState } from "react";
import { useQuery, type CombinedError } from "urql";
import { useSearchParams } from "wouter";
import {
  ScheduleDialog,
  ScheduleDialog_function,
  ScheduleDialog_schedule,
} from "@/features/schedules/ScheduleDialog";
import { ScheduleRow, ScheduleRow_schedule } from "@/features/schedules/ScheduleRow";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql, type FragmentOf } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { Address } from "@/lib/address";
import { useTitle } from "@/lib/title";
import { Button } from "@/ui/Button";
import { PageHead } from "@/ui/Card";
import { Dialog } from "@/ui/Dialog";
import { Misread } from "@/ui/Misread";
import { Broken, Empty, SkeletonRows } from "@/ui/states";
import "@/features/schedules/schedules.css";
import "@/ui/list.css";
import "@/ui/table.css";

const SchedulesPage_schedule = graphql(
  `
    fragment SchedulesPage_schedule on Schedule @_unmask {
      id
      ...ScheduleRow_schedule
      ...ScheduleDialog_schedule
    }
  `,
  [ScheduleRow_schedule, ScheduleDialog_schedule],
);

const SchedulesQuery = graphql(
  `
    query SchedulesPage($first: Int!) {
      schedules(first: $first) {
        nodes {
          ...SchedulesPage_schedule
        }
        pageInfo {
          hasNextPage
        }
      }
      functions {
        name
        ...ScheduleDialog_function
      }
    }
  `,
  [SchedulesPage_schedule, ScheduleDialog_function],
);

const SchedulesChanged = graphql(
  `
    subscription SchedulesPageChanged {
      schedulesChanged {
        schedules {
          ...SchedulesPage_schedule
        }
        removed
      }
    }
  `,
  [SchedulesPage_schedule],
);

const STEP = 50;
const MOST = 200;

export default function SchedulesPage() {
  useTitle("Schedules");
  const [params, setParams] = useSearchParams();
  const [first, setFirst] = useState(STEP);
  const [{ data, error }, reread] = useQuery({ query: SchedulesQuery, variables: { first } });
  const again = () => reread({ requestPolicy: "network-only" });
  const hasMore = data?.schedules.pageInfo.hasNextPage === true;
  const schedules = data?.schedules.nodes;
  useReread(again);
  useChanges({ query: SchedulesChanged, variables: {} }, ({ schedulesChanged }) => {
    const known = new Set(schedules?.map(({ id }) => id));
    const isNew = !hasMore && schedulesChanged.schedules.some(({ id }) => !known.has(id));
    if (isNew || schedulesChanged.removed.some((id) => known.has(id))) again();
  });
  const open = (name: string, value: string) => setParams({ [name]: value });
  const close = () => setParams({}, { replace: true });
  const misread = new Address(params).end("new", "edit");
  return (
    <>
      <PageHead title="Schedules" words="Cron lines that make tasks, each tick once.">
        <Button look="primary" icon={Plus} onClick={() => open("new", "yes")}>
          New schedule
        </Button>
      </PageHead>
      <Misread parts={misread} onDrop={close} />
      {schedules ? (
        <List schedules={schedules} onEdit={(id) => open("edit", id)} />
      ) : (
        <NotYet error={error} onRetry={again} />
      )}
      {hasMore && first < MOST && (
        <div className="list-more">
          <Button onClick={() => setFirst(Math.min(MOST, first + STEP))}>Load more</Button>
        </div>
      )}
      {data && <Opened params={params} functions={data.functions} onClose={close} />}
    </>
  );
}

const OpenedQuery = graphql(
  `
    query OpenedSchedule($id: ID!) {
      schedule(id: $id) {
        id
        ...ScheduleDialog_schedule
      }
    }
  `,
  [ScheduleDialog_schedule],
);

interface OpenedProps {
  params: URLSearchParams;
  functions: readonly FragmentOf<typeof ScheduleDialog_function>[];
  onClose: () => void;
}

/** The dialog that the address asks for. */
function Opened({ params, functions, onClose }: OpenedProps) {
  const id = params.get("edit") ?? "";
  const [{ data, fetching, error }] = useQuery({
    query: OpenedQuery,
    variables: { id },
    pause: !isSchedule(id),
  });
  if (params.has("new")) return <ScheduleDialog functions={functions} schedule={null} onClose={onClose} />;
  if (id === "") return null;
  if (data?.schedule)
    return (
      <ScheduleDialog
        key={data.schedule.id}
        functions={functions}
        schedule={data.schedule}
        onClose={onClose}
      />
    );
  return fetching ? null : (
    <Dialog title="Not there" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      <p className="soft">
        {error ? wordsOf(error) : "This schedule was deleted, is not yours to see, or never was."}
      </p>
    </Dialog>
  );
}

function isSchedule(id: string): boolean {
  return /^schedule_[0-9a-z]{26}$/.test(id);
}

function NotYet({ error, onRetry }: { error: CombinedError | undefined; onRetry: () => void }) {
  return error ? <Broken words={wordsOf(error)} onRetry={onRetry} /> : <SkeletonRows rows={6} />;
}

interface ListProps {
  schedules: readonly ({ id: string } & FragmentOf<typeof ScheduleRow_schedule>)[];
  onEdit: (id: string) => void;
}

function List({ schedules, onEdit }: ListProps) {
  if (schedules.length === 0)
    return (
      <Empty icon={CalendarClock} title="No schedules yet">
        A schedule submits the same task by the clock: every five minutes, on weekdays at nine, on the first
        of the month. Make one here, or by <code className="mono">createSchedule</code> in the API.
      </Empty>
    );
  return (
    <div className="card">
      <table className="table table-cards">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Schedule</th>
            <th scope="col">When</th>
            <th scope="col">Next</th>
            <th scope="col">Last runs</th>
            <th scope="col">
              <span className="hidden-text">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {schedules.map((schedule) => (
            <ScheduleRow key={schedule.id} schedule={schedule} onEdit={() => onEdit(schedule.id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
