/** What can be done to an account: other roles, another password, signed out, disabled. */
import { Ban, CircleCheck, KeyRound, LogOut, MoreHorizontal, UserCog } from "lucide-react";
import { useState } from "react";
import { useAct } from "@/graphql/act";
import type { Role } from "@/graphql/graphql";
import { Button } from "@/ui/Button";
import { Confirm, Dialog } from "@/ui/Dialog";
import { Menu, MenuItem } from "@/ui/Menu";
import { toast, told } from "@/ui/toast";
import {
  DisableMutation,
  EnableMutation,
  EndSessionsMutation,
  PasswordMutation,
  RolesMutation,
} from "./mutations";
import { RoleChoice } from "./RoleChoice";
import { rolesInWords } from "./roles";
import { NewPassword } from "./NewPassword";

interface UserActionsProps {
  id: string;
  username: string;
  roles: readonly Role[];
  isDisabled: boolean;
  /** The viewer's own account. */
  isOwn: boolean;
}

type Asked = "roles" | "password" | "sessions" | "disable";

export function UserActions({ id, username, roles, isDisabled, isOwn }: UserActionsProps) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const enabling = useAct(EnableMutation);
  const close = () => setAsked(null);
  const enable = async () => {
    told(await enabling.act({ id }), `${username} may sign in again.`);
  };
  return (
    <>
      <Menu
        label={`Actions for ${username}`}
        buttonClass="button button-quiet button-small button-bare"
        button={<MoreHorizontal size={16} aria-hidden />}
      >
        <MenuItem onChoose={() => setAsked("roles")}>
          <UserCog size={15} aria-hidden />
          Change roles
        </MenuItem>
        <MenuItem onChoose={() => setAsked("password")}>
          <KeyRound size={15} aria-hidden />
          Reset the password
        </MenuItem>
        <MenuItem onChoose={() => setAsked("sessions")}>
          <LogOut size={15} aria-hidden />
          Sign out everywhere
        </MenuItem>
        {isDisabled ? (
          <MenuItem onChoose={() => void enable()}>
            <CircleCheck size={15} aria-hidden />
            Enable
          </MenuItem>
        ) : (
          !isOwn && (
            <MenuItem onChoose={() => setAsked("disable")}>
              <Ban size={15} aria-hidden />
              Disable
            </MenuItem>
          )
        )}
      </Menu>
      {asked === "roles" && <Roles id={id} username={username} roles={roles} onClose={close} />}
      {asked === "password" && <Password id={id} username={username} onClose={close} />}
      {asked === "sessions" && (
        <Ask
          title={`Sign ${username} out everywhere?`}
          action="End the sessions"
          done={`${username} is signed out.`}
          words="All its browsers have to sign in again. Its API tokens stay good."
          document={EndSessionsMutation}
          id={id}
          onClose={close}
        />
      )}
      {asked === "disable" && (
        <Ask
          title={`Disable ${username}?`}
          action="Disable the account"
          done={`${username} is disabled.`}
          words="Nobody gets in by it: its sessions end, its tokens rest, its schedules make no tasks. Its tasks stay. It can be enabled again."
          document={DisableMutation}
          id={id}
          onClose={close}
        />
      )}
    </>
  );
}

interface AskProps {
  title: string;
  action: string;
  words: string;
  done: string;
  document: typeof DisableMutation | typeof EndSessionsMutation;
  id: string;
  onClose: () => void;
}

function Ask({ title, action, words, done, document, id, onClose }: AskProps) {
  const { act, isBusy } = useAct(document as typeof DisableMutation);
  const confirm = async () => {
    told(await act({ id }), done);
    onClose();
  };
  return (
    <Confirm title={title} action={action} isBusy={isBusy} onClose={onClose} onConfirm={() => void confirm()}>
      {words}
    </Confirm>
  );
}

interface OneProps {
  id: string;
  username: string;
  onClose: () => void;
}

function Roles({ id, username, roles: first, onClose }: OneProps & { roles: readonly Role[] }) {
  const [roles, setRoles] = useState<Role[]>([...first]);
  const [error, setError] = useState<string>();
  const { act, isBusy } = useAct(RolesMutation);
  const save = async () => {
    const { errors } = await act({ id, roles });
    if (errors) setError(errors[0].message);
    else {
      toast.good(`${username} is now ${rolesInWords(roles)}.`);
      onClose();
    }
  };
  const actions = (
    <>
      <Button onClick={onClose}>Leave it</Button>
      <Button look="primary" isBusy={isBusy} onClick={() => void save()}>
        Change the roles
      </Button>
    </>
  );
  return (
    <Dialog title={`Roles of ${username}`} onClose={onClose} actions={actions}>
      <RoleChoice roles={roles} error={error} onChange={setRoles} />
      <p className="faint">What it has open now ends within five seconds and connects anew.</p>
    </Dialog>
  );
}

function Password({ id, username, onClose }: OneProps) {
  const [secret, setSecret] = useState<string | null>(null);
  const { act, isBusy } = useAct(PasswordMutation);
  const reset = async () => {
    const { data, errors } = await act({ id });
    if (errors) {
      toast.bad(errors[0].message);
      onClose();
    } else setSecret(data.setUserPassword.password);
  };
  if (secret !== null) return <NewPassword username={username} password={secret} onClose={onClose} />;
  return (
    <Confirm
      title={`Reset the password of ${username}?`}
      action="Make a new password"
      isBusy={isBusy}
      onClose={onClose}
      onConfirm={() => void reset()}
    >
      The old one ends at once, and so do its sessions. The new one is shown to you once.
    </Confirm>
  );
}
