/** Your account, your programs' tokens, your colours. */
import { useQuery } from "urql";
import { Appearance } from "@/features/settings/Appearance";
import { ChangePassword } from "@/features/settings/ChangePassword";
import { Tokens, Tokens_token } from "@/features/settings/Tokens";
import { wordsOf } from "@/graphql/errors";
import { graphql } from "@/graphql/graphql";
import { useReread } from "@/graphql/live";
import { useViewer } from "@/graphql/viewer";
import { useTitle } from "@/lib/title";
import { Card, Fact, PageHead } from "@/ui/Card";
import { CopyId } from "@/ui/CopyId";
import { Broken, SkeletonRows } from "@/ui/states";
import { RelativeTime } from "@/ui/Time";
import "@/features/settings/settings.css";

const SettingsQuery = graphql(
  `
    query Settings {
      apiTokens {
        id
        ...Tokens_token
      }
    }
  `,
  [Tokens_token],
);

const ROLES = { ADMIN: "administrator", CLIENT: "client", WORKER: "worker" };

export default function SettingsPage() {
  useTitle("Settings");
  const { user, server } = useViewer();
  const [{ data, error }, reread] = useQuery({ query: SettingsQuery });
  const again = () => reread({ requestPolicy: "network-only" });
  useReread(again);
  return (
    <>
      <PageHead title="Settings" />
      <div className="settings">
        <Card title="Account" aside={<ChangePassword username={user.username} />}>
          <dl className="facts">
            <Fact name="Username">{user.username}</Fact>
            <Fact name="Email">{user.email ?? "—"}</Fact>
            <Fact name="Roles">{user.roles.map((role) => ROLES[role]).join(", ")}</Fact>
            <Fact name="Member since">
              <RelativeTime at={user.createdAt} />
            </Fact>
            <Fact name="Id">
              <CopyId id={user.id} />
            </Fact>
            <Fact name="Rota">{server.version}</Fact>
            {server.graphiql && (
              <Fact name="API">
                <a href="/graphiql">Try it in GraphiQL</a>
              </Fact>
            )}
          </dl>
        </Card>
        {error && !data && <Broken words={wordsOf(error)} onRetry={again} />}
        {!error && !data && <SkeletonRows rows={3} />}
        {data && <Tokens tokens={data.apiTokens} />}
        <Appearance />
      </div>
    </>
  );
}
