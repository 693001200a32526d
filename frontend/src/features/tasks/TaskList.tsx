/** The tasks that match, live: changed rows change where they stand, new ones gather behind a chip. */
import { ArrowUp } from "lucide-react";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { useQuery } from "urql";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql, type ResultOf, type VariablesOf } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { count, total } from "@/lib/format";
import { gather, type Row } from "@/lib/newrows";
import { Button } from "@/ui/Button";
import { Broken, SkeletonRows } from "@/ui/states";
import { TaskRow, TaskRow_task } from "./TaskRow";
import "@/ui/list.css";
import "@/ui/table.css";
import "./tasks.css";

const TaskListQuery = graphql(
  `
    query TaskList($filter: TaskFilter, $orderBy: TaskOrder, $after: String) {
      tasks(filter: $filter, orderBy: $orderBy, first: 50, after: $after) {
        nodes {
          id
          createdAt
          ...TaskRow_task
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        totalCount
      }
    }
  `,
  [TaskRow_task],
);

const TaskListChanged = graphql(
  `
    subscription TaskListChanged($filter: TaskFilter, $after: String) {
      tasksChanged(filter: $filter, after: $after) {
        tasks {
          id
          createdAt
          status
          priority
          ...TaskRow_task
        }
        cursor
        isReset
      }
    }
  `,
  [TaskRow_task],
);

type Variables = VariablesOf<typeof TaskListQuery>;
export type TaskFilter = NonNullable<Variables["filter"]>;
export type TaskOrder = NonNullable<Variables["orderBy"]>;
type Changed = ResultOf<typeof TaskListChanged>["tasksChanged"]["tasks"][number];

interface PageReport {
  rows: readonly Row[];
  endCursor: string | null;
  hasNext: boolean;
  total: number;
}

interface TaskListProps {
  filter: TaskFilter;
  order: TaskOrder;
  /** What stands there when nothing matches. */
  empty: ReactNode;
}

const NO_IDS: ReadonlySet<string> = new Set();

/** Give it a `key` made from its filter: another filter is another list. */
export function TaskList({ filter, order, empty }: TaskListProps) {
  const [afters, setAfters] = useState<readonly (string | null)[]>([null]);
  const [reports, setReports] = useState<readonly (PageReport | undefined)[]>([]);
  const [fresh, setFresh] = useState(NO_IDS);
  const [reading, setReading] = useState(0);

  const onPage = useCallback((index: number, report: PageReport) => {
    setReports((now) => Object.assign([...now], { [index]: report }));
    // A page that was read again may end elsewhere: the next one follows its end, so that no row falls between.
    setAfters((now) =>
      now[index + 1] === undefined || now[index + 1] === report.endCursor
        ? now
        : [...now.slice(0, index + 1), report.endCursor],
    );
  }, []);
  const shown = reports.slice(0, afters.length).flatMap((report) => report?.rows ?? []);
  const last = reports[afters.length - 1];

  useReread(() => setReading(reading + 1));
  useChanges({ query: TaskListChanged, variables: { filter, after: null } }, ({ tasksChanged }) => {
    if (tasksChanged.isReset) setReading((now) => now + 1);
    if (order === "NEWEST_FIRST" && last !== undefined) {
      const matching = tasksChanged.tasks.filter((task) => matches(task, filter));
      setFresh((now) => gather(now, matching, shown, !last.hasNext));
    }
  });
  const showFresh = () => {
    setFresh(NO_IDS);
    setAfters([null]);
    setReading(reading + 1);
    window.scrollTo({ top: 0, behavior: "smooth" });
  };

  const first = reports[0];
  const isEmpty = first !== undefined && first.rows.length === 0;
  return (
    <>
      <div className="list-head">
        <span className="faint figures" role="status">
          {first !== undefined && !isEmpty && total(first.total)}
        </span>
        {fresh.size > 0 && (
          <button type="button" className="chip-new" onClick={showFresh}>
            <ArrowUp size={14} aria-hidden />
            {count(fresh.size)} new
          </button>
        )}
      </div>
      <div className="card">
        {isEmpty && empty}
        <table className="table table-rows table-cards" hidden={isEmpty}>
          <thead>
            <tr>
              <th scope="col" className="col-status">
                Status
              </th>
              <th scope="col">Task</th>
              <th scope="col">Queue</th>
              <th scope="col" className="number">
                Priority
              </th>
              <th scope="col" className="number">
                Ran
              </th>
              <th scope="col" className="number">
                Created
              </th>
              <th scope="col" className="col-acts">
                <span className="hidden-text">Actions</span>
              </th>
            </tr>
          </thead>
          {afters.map((after, index) => (
            <TaskPage
              key={after ?? ""}
              variables={{ filter, orderBy: order, after }}
              reading={reading}
              index={index}
              onPage={onPage}
            />
          ))}
        </table>
      </div>
      {last?.hasNext === true && (
        <div className="list-more">
          <Button onClick={() => setAfters([...afters, last.endCursor])}>Load more</Button>
        </div>
      )}
    </>
  );
}

/** The server tells of every change, for a row must hear too that it no longer matches; new are only those that do. */
function matches(task: Changed, { status, priority, priorityAtLeast }: TaskFilter): boolean {
  return (
    (status?.includes(task.status) ?? true) &&
    (priority?.includes(task.priority) ?? true) &&
    task.priority >= (priorityAtLeast ?? 1)
  );
}

interface TaskPageProps {
  variables: Variables;
  /** Another number: read it again. */
  reading: number;
  index: number;
  onPage: (index: number, report: PageReport) => void;
}

function TaskPage({ variables, reading, index, onPage }: TaskPageProps) {
  const [{ data, error }, reread] = useQuery({ query: TaskListQuery, variables });
  const seen = useRef(reading);
  useEffect(() => {
    if (reading === seen.current) return;
    seen.current = reading;
    reread({ requestPolicy: "network-only" });
  }, [reading, reread]);
  useEffect(() => {
    if (!data) return;
    const { nodes, pageInfo, totalCount } = data.tasks;
    onPage(index, {
      rows: nodes,
      endCursor: pageInfo.endCursor,
      hasNext: pageInfo.hasNextPage,
      total: totalCount,
    });
  }, [data, index, onPage]);
  if (data)
    return (
      <tbody>
        {data.tasks.nodes.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </tbody>
    );
  return (
    <tbody>
      <tr>
        <td colSpan={7} className="cell-whole">
          {error ? (
            <Broken words={wordsOf(error)} onRetry={() => reread({ requestPolicy: "network-only" })} />
          ) : (
            <SkeletonRows rows={index === 0 ? 10 : 3} />
          )}
        </td>
      </tr>
    </tbody>
  );
}
