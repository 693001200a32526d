/** The trail: who did what, when, and on what. */
import { useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { ActivityFilters } from "@/features/activity/ActivityFilters";
import { ActivityList } from "@/features/activity/ActivityList";
import { useNames } from "@/features/activity/names";
import { askedOf, filterOf, paramsOf, type Asked } from "@/features/activity/asked";
import { useViewer } from "@/graphql/viewer";
import { present } from "@/lib/now";
import { useTitle } from "@/lib/title";
import { PageHead } from "@/ui/Card";
import { Misread } from "@/ui/Misread";

export default function ActivityPage() {
  useTitle("Activity");
  const { isAdmin } = useViewer();
  const [params, setParams] = useSearchParams();
  const { names, users, reread } = useNames();
  const address = params.toString();
  const { asked, misread } = useMemo(() => askedOf(new URLSearchParams(address)), [address]);
  // Spans end when the page was opened: what comes after is told live.
  const [now] = useState(present);
  const filter = useMemo(() => filterOf(asked, now), [asked, now]);
  const change = (next: Asked) => setParams(paramsOf(next), { replace: true });
  return (
    <>
      <PageHead
        title="Activity"
        words={isAdmin ? "Who did what, when, and on what." : "What you did, when, and on what."}
      />
      <ActivityFilters asked={asked} users={users} onChange={change} />
      {misread.length > 0 ? (
        <Misread parts={misread} onDrop={() => change(asked)}>
          Nothing is shown until it is mended, for more would be than was asked for.
        </Misread>
      ) : (
        <ActivityList
          key={address}
          filter={filter}
          isNarrowed={address !== ""}
          names={names}
          onReread={reread}
        />
      )}
    </>
  );
}
