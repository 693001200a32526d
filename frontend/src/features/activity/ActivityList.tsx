/** The entries that match, the newest first; new ones gather behind a chip. */
import { ArrowUp, History } from "lucide-react";
import { useState } from "react";
import { useQuery } from "urql";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql, type VariablesOf } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { useViewer } from "@/graphql/viewer";
import { count } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Broken, Empty, SkeletonRows } from "@/ui/states";
import { ActivityRow, ActivityRow_activity } from "./ActivityRow";
import type { Names } from "./words";
import "@/ui/list.css";
import "@/ui/table.css";
import "./activity.css";

const ActivityQuery = graphql(
  `
    query ActivityList($filter: ActivityFilter, $after: String) {
      activity(filter: $filter, first: 50, after: $after) {
        nodes {
          id
          ...ActivityRow_activity
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [ActivityRow_activity],
);

const ActivityAdded = graphql(`
  subscription ActivityAdded($filter: ActivityFilter) {
    activityAdded(filter: $filter) {
      entries {
        id
      }
      isReset
    }
  }
`);

export type ActivityFilter = NonNullable<VariablesOf<typeof ActivityQuery>["filter"]>;

interface ActivityListProps {
  filter: ActivityFilter;
  isNarrowed: boolean;
  names: Names;
  /** The list is read anew, and what its entries are about may have other names. */
  onReread: () => void;
}

/** Give it a `key` made from its filter: another filter is another list. */
export function ActivityList({ filter, isNarrowed, names, onReread }: ActivityListProps) {
  // From where is told to administrators alone.
  const { isAdmin } = useViewer();
  const [afters, setAfters] = useState<readonly (string | null)[]>([null]);
  const [fresh, setFresh] = useState(0);
  const [isMany, setMany] = useState(false);
  const [reading, setReading] = useState(0);
  const again = () => {
    setFresh(0);
    setMany(false);
    setAfters([null]);
    setReading((now) => now + 1);
    onReread();
  };
  useReread(again);
  useChanges({ query: ActivityAdded, variables: { filter } }, ({ activityAdded }) => {
    setFresh((now) => now + activityAdded.entries.length);
    if (activityAdded.isReset) setMany(true);
  });
  return (
    <>
      <div className="list-head">
        <span className="faint">Newest first</span>
        {fresh > 0 && (
          <button type="button" className="chip-new" onClick={again}>
            <ArrowUp size={14} aria-hidden />
            {count(fresh)}
            {isMany && "+"} new
          </button>
        )}
      </div>
      <div className="card">
        <table className="table table-cards activity">
          <thead>
            <tr>
              <th scope="col" className="col-when">
                When
              </th>
              <th scope="col">What</th>
              <th scope="col">On what</th>
              <th scope="col">Went</th>
              {isAdmin && (
                <th scope="col" className="number">
                  From
                </th>
              )}
            </tr>
          </thead>
          {afters.map((after, index) => (
            <Page
              key={`${after ?? ""} ${reading}`}
              filter={filter}
              after={after}
              isFirst={index === 0}
              isNarrowed={isNarrowed}
              names={names}
              onMore={index === afters.length - 1 ? (next) => setAfters([...afters, next]) : null}
            />
          ))}
        </table>
      </div>
    </>
  );
}

interface PageProps {
  filter: ActivityFilter;
  after: string | null;
  isFirst: boolean;
  isNarrowed: boolean;
  names: Names;
  /** Where the list ends here, for now. */
  onMore: ((after: string) => void) | null;
}

function Page({ filter, after, isFirst, isNarrowed, names, onMore }: PageProps) {
  const [{ data, error }, reread] = useQuery({ query: ActivityQuery, variables: { filter, after } });
  if (!data)
    return (
      <Whole>
        {error ? (
          <Broken words={wordsOf(error)} onRetry={() => reread({ requestPolicy: "network-only" })} />
        ) : (
          <SkeletonRows rows={isFirst ? 12 : 3} />
        )}
      </Whole>
    );
  const { nodes, pageInfo } = data.activity;
  const next = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  if (nodes.length === 0 && isFirst)
    return (
      <Whole>
        <Empty icon={History} title={isNarrowed ? "No entry matches" : "Nothing was done yet"}>
          {isNarrowed
            ? "Ask for less, or for a longer time."
            : "Everything that is done through the page, the API or the command line stands here: who, what, when, on what."}
        </Empty>
      </Whole>
    );
  return (
    <>
      <tbody>
        {nodes.map((entry) => (
          <ActivityRow key={entry.id} activity={entry} names={names} />
        ))}
      </tbody>
      {next !== null && onMore !== null && (
        <Whole>
          <div className="list-more">
            <Button onClick={() => onMore(next)}>Load more</Button>
          </div>
        </Whole>
      )}
    </>
  );
}

function Whole({ children }: { children: React.ReactNode }) {
  return (
    <tbody>
      <tr>
        <td colSpan={5} className="cell-whole">
          {children}
        </td>
      </tr>
    </tbody>
  );
}
