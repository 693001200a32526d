/** An account as a row. */
import { Ban, CircleCheck } from "lucide-react";
import { graphql, readFragment, type FragmentOf } from "@/graphql/graphql";
import { useViewer } from "@/graphql/viewer";
import { count } from "@/lib/format";
import { Mark, type Look } from "@/ui/Badge";
import { RelativeTime } from "@/ui/Time";
import { rolesInWords } from "./roles";
import { UserActions } from "./UserActions";

export const UserRow_user = graphql(`
  fragment UserRow_user on User {
    id
    username
    email
    roles
    createdAt
    disabledAt
    lastSeenAt
    sessionCount
    tokenCount
  }
`);

const ENABLED: Look = { word: "Enabled", icon: CircleCheck, hue: "good" };
const DISABLED: Look = { word: "Disabled", icon: Ban, hue: "stopped" };

interface UserRowProps {
  user: FragmentOf<typeof UserRow_user>;
  isMarked: boolean;
}

export function UserRow({ user: data, isMarked }: UserRowProps) {
  const user = readFragment(UserRow_user, data);
  const { user: viewer } = useViewer();
  const isOwn = user.id === viewer.id;
  return (
    <tr className={isMarked ? "row-marked" : undefined}>
      <td>
        <Mark look={user.disabledAt === null ? ENABLED : DISABLED} />
      </td>
      <td className="user-name">
        <strong>{user.username}</strong>
        {isOwn && <span className="faint"> you</span>}
        {user.email !== null && <span className="faint user-email">{user.email}</span>}
      </td>
      <td data-name="Roles" className="soft">
        {rolesInWords(user.roles)}
      </td>
      <td data-name="Seen" className="number soft">
        {user.lastSeenAt === null ? "never" : <RelativeTime at={user.lastSeenAt} />}
      </td>
      <td data-name="Sessions" className="number soft">
        {count(user.sessionCount ?? 0)}
      </td>
      <td data-name="Tokens" className="number soft">
        {count(user.tokenCount ?? 0)}
      </td>
      <td data-name="Made" className="number soft">
        <RelativeTime at={user.createdAt} />
      </td>
      <td className="number cell-menu">
        <UserActions
          id={user.id}
          username={user.username}
          roles={user.roles}
          isDisabled={user.disabledAt !== null}
          isOwn={isOwn}
        />
      </td>
    </tr>
  );
}
