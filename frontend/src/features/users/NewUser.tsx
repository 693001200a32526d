/** Makes an account; without a password one is made and shown once. */
import { useState, type SubmitEvent } from "react";
import { useAct } from "@/graphql/act";
import { graphql, type Role } from "@/graphql/graphql";
import { NOTHING, placed } from "@/lib/errorpaths";
import { Dialog, FormActions } from "@/ui/Dialog";
import { Errors, Input } from "@/ui/Field";
import { toast } from "@/ui/toast";
import { RoleChoice } from "./RoleChoice";
import { NewPassword } from "./NewPassword";

const CreateMutation = graphql(`
  mutation CreateUser($input: UserInput!) {
    createUser(input: $input) {
      user {
        id
        username
      }
      password
      errors {
        code
        message
        path
      }
    }
  }
`);

export function NewUser({ onClose }: { onClose: () => void }) {
  const [values, setValues] = useState({ username: "", email: "", password: "" });
  const [roles, setRoles] = useState<Role[]>(["CLIENT"]);
  const [refused, setRefused] = useState(NOTHING);
  const [secret, setSecret] = useState<string | null>(null);
  const { act, isBusy } = useAct(CreateMutation);
  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    const { username, email, password } = values;
    const given = { ...(email !== "" && { email }), ...(password !== "" && { password }) };
    const answer = await act({ input: { username: username.trim(), roles, ...given } });
    if (answer.errors) {
      setRefused(placed(answer.errors, [...Object.keys(values), "roles"]));
      return;
    }
    toast.good(`The account ${username} is made.`);
    if (answer.data.createUser.password === null) onClose();
    else setSecret(answer.data.createUser.password);
  };
  if (secret !== null) return <NewPassword username={values.username} password={secret} onClose={onClose} />;
  const field = (name: keyof typeof values) => ({
    value: values[name],
    error: refused.at[name],
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  });
  return (
    <Dialog title="New account" onClose={onClose}>
      <form className="dialog-form" noValidate onSubmit={(event) => void make(event)}>
        <Input label="Username" autoFocus autoComplete="off" autoCapitalize="none" {...field("username")} />
        <Input label="Email" hint="optional" type="email" autoComplete="off" {...field("email")} />
        <Input
          label="Password"
          hint="optional"
          help="Left empty, one is made and shown once."
          type="password"
          autoComplete="new-password"
          {...field("password")}
        />
        <RoleChoice roles={roles} error={refused.at["roles"]} onChange={setRoles} />
        <Errors of={refused.rest} />
        <FormActions action="Make the account" isBusy={isBusy} onClose={onClose} />
      </form>
    </Dialog>
  );
}
