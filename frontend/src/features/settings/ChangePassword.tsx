/** Another password for one's own account. */
import { useState, type SubmitEvent } from "react";
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { NOTHING, placed } from "@/lib/errorpaths";
import { Button } from "@/ui/Button";
import { Dialog, FormActions } from "@/ui/Dialog";
import { Input } from "@/ui/Field";
import { toast } from "@/ui/toast";

const ChangeMutation = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      viewer {
        id
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

export function ChangePassword({ username }: { username: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button isSmall onClick={() => setOpen(true)}>
        Change password
      </Button>
      {isOpen && <ChangeDialog username={username} onClose={() => setOpen(false)} />}
    </>
  );
}

function ChangeDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const [{ at, rest }, setErrors] = useState(NOTHING);
  const { act, isBusy } = useAct(ChangeMutation);
  const change = async (event: SubmitEvent) => {
    event.preventDefault();
    const { errors } = await act({ input: { currentPassword: current, newPassword: wanted } });
    if (errors) {
      setErrors(placed(errors, ["currentPassword", "newPassword"]));
      return;
    }
    toast.good("Your password is changed. Your other browsers are signed out.");
    onClose();
  };
  return (
    <Dialog title="Change your password" onClose={onClose}>
      <form className="dialog-form" onSubmit={(event) => void change(event)}>
        {/* Whoever keeps passwords wants to know whose it is. */}
        <input hidden readOnly autoComplete="username" value={username} />
        <Input
          autoFocus
          required
          type="password"
          autoComplete="current-password"
          label="Current password"
          value={current}
          error={at["currentPassword"] ?? rest[0]}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <Input
          required
          type="password"
          autoComplete="new-password"
          label="New password"
          help="At least 10 characters."
          value={wanted}
          error={at["newPassword"]}
          onChange={(event) => setWanted(event.target.value)}
        />
        <FormActions action="Change the password" isBusy={isBusy} onClose={onClose} />
      </form>
    </Dialog>
  );
}
