/** Makes an account, where the server lets anybody do so. */
import { useState, type SubmitEvent } from "react";
import { Link } from "wouter";
import { DoorForm } from "@/features/accounts/DoorForm";
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { NOTHING, placed, type Placed } from "@/lib/errorpaths";
import { useTitle } from "@/lib/title";
import { Button } from "@/ui/Button";
import { Errors, Input } from "@/ui/Field";

const RegisterMutation = graphql(`
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
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

const EnterMutation = graphql(`
  mutation Enter($input: LoginInput!) {
    login(input: $input) {
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

export default function RegisterPage({ onSignedIn }: { onSignedIn: () => void }) {
  useTitle("Register");
  const [values, setValues] = useState({ username: "", email: "", password: "" });
  const [errors, setErrors] = useState<Placed>(NOTHING);
  const registering = useAct(RegisterMutation);
  const entering = useAct(EnterMutation);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const { username, email, password } = values;
    const made = await registering.act({ input: { username, password, ...(email !== "" && { email }) } });
    const { errors } = made.errors ? made : await entering.act({ input: { username, password } });
    if (errors) setErrors(placed(errors, Object.keys(values)));
    else onSignedIn();
  };
  const field = (name: keyof typeof values) => ({
    name,
    value: values[name],
    error: errors.at[name],
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  });
  const foot = (
    <>
      Have an account?{" "}
      <Link className="link" href="/signin">
        Sign in
      </Link>
    </>
  );
  return (
    <DoorForm title="Make an account" foot={foot}>
      <form onSubmit={(event) => void submit(event)}>
        <Input
          label="Username"
          autoComplete="username"
          autoCapitalize="none"
          autoFocus
          required
          {...field("username")}
        />
        <Input label="Email" hint="optional" type="email" autoComplete="email" {...field("email")} />
        <Input label="Password" type="password" autoComplete="new-password" required {...field("password")} />
        <Errors of={errors.rest} />
        <Button type="submit" look="primary" isBusy={registering.isBusy || entering.isBusy}>
          Register
        </Button>
      </form>
    </DoorForm>
  );
}
