/** What was done to many tasks within a week. */
import { History } from "lucide-react";
import { useQuery } from "urql";
import { Link, useSearch } from "wouter";
import { wordsOf } from "@/graphql/errors";
import { Dialog } from "@/ui/Dialog";
import { Broken, Empty, SkeletonRows } from "@/ui/states";
import { RelativeTime } from "@/ui/Time";
import { BulkActionsQuery } from "./documents";
import { wordsOfAction } from "./kinds";
import { addressOfAction } from "./watch";

export function RecentDialog({ onClose }: { onClose: () => void }) {
  const list = useSearch();
  const [{ data, error }, reread] = useQuery({
    query: BulkActionsQuery,
    variables: { first: 50 },
    requestPolicy: "cache-and-network",
  });
  return (
    <Dialog title="Actions on many tasks" onClose={onClose} look="wide">
      {error && !data && (
        <Broken words={wordsOf(error)} onRetry={() => reread({ requestPolicy: "network-only" })} />
      )}
      {!data && !error && <SkeletonRows rows={4} />}
      {data?.bulkActions.length === 0 && (
        <Empty icon={History} title="None within a week">
          Select tasks in the list to cancel, retry, reschedule or delete them; what was done stands here,
          with a way back where there is one.
        </Empty>
      )}
      <ul className="recent">
        {data?.bulkActions.map((action) => (
          <li key={action.id}>
            <Link className="link" href={addressOfAction(action.id, list)}>
              {wordsOfAction(action)}
            </Link>
            <span className="faint">
              {action.owner?.username} · <RelativeTime at={action.createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
