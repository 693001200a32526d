/** How each part of Rota is, pushed; and, for administrators, how to begin anew. */
import { useQuery } from "urql";
import { inAll } from "@/features/system/states";
import { Parts, Parts_system } from "@/features/system/Parts";
import { Reset } from "@/features/system/Reset";
import { Versions, Versions_system } from "@/features/system/Versions";
import { useChanges } from "@/graphql/changes";
import { wordsOf } from "@/graphql/errors";
import { graphql } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { useViewer } from "@/graphql/viewer";
import { useTitle } from "@/lib/title";
import { Badge } from "@/ui/Badge";
import { PageHead } from "@/ui/Card";
import { Broken, SkeletonRows } from "@/ui/states";

const SystemPage_system = graphql(
  `
    fragment SystemPage_system on System @_unmask {
      parts {
        name
        state
      }
      ...Parts_system
      ...Versions_system
    }
  `,
  [Parts_system, Versions_system],
);

const SystemQuery = graphql(
  `
    query SystemPage {
      system {
        ...SystemPage_system
      }
    }
  `,
  [SystemPage_system],
);

const SystemTicked = graphql(
  `
    subscription SystemTicked {
      systemTicked {
        ...SystemPage_system
      }
    }
  `,
  [SystemPage_system],
);

export default function SystemPage() {
  useTitle("System");
  const { isAdmin } = useViewer();
  const [{ data, error }, reread] = useQuery({ query: SystemQuery });
  const again = () => reread({ requestPolicy: "network-only" });
  useReread(again);
  useChanges({ query: SystemTicked, variables: {} });
  const all = data && inAll(data.system.parts.map(({ state }) => state));
  return (
    <>
      <PageHead title="System" words={all?.words}>
        {all && <Badge look={all.look} />}
      </PageHead>
      {error && !data && <Broken words={wordsOf(error)} onRetry={again} />}
      {!error && !data && <SkeletonRows rows={6} />}
      {data && (
        <>
          <Parts system={data.system} />
          <Versions system={data.system} />
        </>
      )}
      {isAdmin && <Reset />}
    </>
  );
}
