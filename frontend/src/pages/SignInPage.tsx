/** The way in. */
import { useState, type SubmitEvent } from "react";
import { Link } from "wouter";
import { DoorForm } from "@/features/accounts/DoorForm";
import { useAct } from "@/graphql/act";
import { graphql } from "@/graphql/graphql";
import { useTitle } from "@/lib/title";
import { Button } from "@/ui/Button";
import { Input } from "@/ui/Field";

const LoginMutation = graphql(`
  mutation Login($input: LoginInput!) {
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

interface SignInProps {
  mayRegister: boolean;
  onSignedIn: () => void;
}

export default function SignInPage({ mayRegister, onSignedIn }: SignInProps) {
  useTitle("Sign in");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState("");
  const { act, isBusy } = useAct(LoginMutation);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setError("");
    const { errors } = await act({ input: { username, password } });
    if (errors) setError(errors[0].message);
    else onSignedIn();
  };
  const foot = mayRegister && (
    <>
      No account yet?{" "}
      <Link className="link" href="/register">
        Register
      </Link>
    </>
  );
  return (
    <DoorForm title="Sign in to Rota" foot={foot}>
      <form onSubmit={(event) => void submit(event)}>
        <Input
          label="Username"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          autoFocus
          required
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <Input
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          error={error}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" look="primary" isBusy={isBusy}>
          Sign in
        </Button>
      </form>
    </DoorForm>
  );
}
