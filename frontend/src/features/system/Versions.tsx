/** What runs here: versions, since when, who leads, and how far the recorder is behind. */
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { seconds } from "@/lib/time";
import { Card, Fact } from "@/ui/Card";
import { Elapsed, RelativeTime } from "@/ui/Time";

export const Versions_system = graphql(`
  fragment Versions_system on System {
    at
    version
    startedAt
    schemaVersion
    databaseVersion
    redisVersion
    recorderLagSeconds
    leader
  }
`);

export function Versions({ system: data }: { system: FragmentOf<typeof Versions_system> }) {
  const system = readFragment(Versions_system, data);
  return (
    <Card
      title="What runs"
      aside={
        <span>
          Looked at <RelativeTime at={system.at} />
        </span>
      }
    >
      <dl className="facts">
        <Fact name="Rota">{system.version}</Fact>
        <Fact name="Up for">
          <Elapsed from={system.startedAt} to={null} />
        </Fact>
        <Fact name="Recorder behind by">
          {system.recorderLagSeconds === 0 ? "nothing" : seconds(system.recorderLagSeconds)}
        </Fact>
        <Fact name="Database">{system.databaseVersion ?? "—"}</Fact>
        <Fact name="Its tables">
          <span className="mono">{system.schemaVersion ?? "—"}</span>
        </Fact>
        <Fact name="Redis">{system.redisVersion ?? "—"}</Fact>
        {system.leader !== null && (
          <Fact name="Leading coordinator">
            <span className="mono">{system.leader}</span>
          </Fact>
        )}
      </dl>
    </Card>
  );
}
