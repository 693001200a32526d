/** The keys of programs: made, shown once, taken back. */
import { KeyRound, Plus } from "lucide-react";
import { useState, type SubmitEvent } from "react";
import { useAct } from "@/graphql/act";
import { graphql, readFragment, type FragmentOf, type ResultOf } from "@/graphql/graphql";
import { placed } from "@/lib/errorpaths";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Confirm, Dialog, FormActions } from "@/ui/Dialog";
import { Input, Select } from "@/ui/Field";
import { Secret } from "@/ui/Secret";
import { Empty } from "@/ui/states";
import { RelativeTime } from "@/ui/Time";
import { told } from "@/ui/toast";
import "@/ui/table.css";

export const Tokens_token = graphql(`
  fragment Tokens_token on ApiToken {
    id
    name
    createdAt
    expiresAt
    usedAt
  }
`);

const CreateMutation = graphql(`
  mutation CreateApiToken($input: ApiTokenInput!) {
    createApiToken(input: $input) {
      id
      secret
      errors {
        code
        message
        path
      }
    }
  }
`);

const RevokeMutation = graphql(`
  mutation RevokeApiToken($id: ID!) {
    revokeApiToken(id: $id) {
      id
      errors {
        code
        message
        path
      }
    }
  }
`);

type Token = ResultOf<typeof Tokens_token>;

export function Tokens({ tokens: masked }: { tokens: readonly FragmentOf<typeof Tokens_token>[] }) {
  const tokens = readFragment(Tokens_token, masked);
  const [isMaking, setMaking] = useState(false);
  const [leaving, setLeaving] = useState<Token | null>(null);
  const aside = (
    <Button isSmall icon={Plus} onClick={() => setMaking(true)}>
      New token
    </Button>
  );
  return (
    <Card title="API tokens" isFlush aside={aside}>
      {tokens.length === 0 ? (
        <Empty icon={KeyRound} title="No tokens">
          A program signs in with a token instead of your password. It may do what you may do, until you
          revoke it.
        </Empty>
      ) : (
        <table className="table table-cards">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className="number">
                Made
              </th>
              <th scope="col" className="number">
                Last used
              </th>
              <th scope="col" className="number">
                Expires
              </th>
              <th scope="col">
                <span className="hidden-text">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tokens.map((token) => (
              <tr key={token.id}>
                <td>{token.name}</td>
                <td data-name="Made" className="number soft">
                  <RelativeTime at={token.createdAt} />
                </td>
                <td data-name="Last used" className="number soft">
                  {token.usedAt === null ? "never" : <RelativeTime at={token.usedAt} />}
                </td>
                <td data-name="Expires" className="number soft">
                  {token.expiresAt === null ? "never" : <RelativeTime at={token.expiresAt} />}
                </td>
                <td className="number">
                  <Button
                    look="danger"
                    isSmall
                    aria-label={`Revoke ${token.name}`}
                    onClick={() => setLeaving(token)}
                  >
                    Revoke
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isMaking && <NewToken onClose={() => setMaking(false)} />}
      {leaving && <Revoke token={leaving} onClose={() => setLeaving(null)} />}
    </Card>
  );
}

const LIVES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "One year" },
  { value: "", label: "Never" },
];

function NewToken({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [error, setError] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const { act, isBusy } = useAct(CreateMutation);
  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    const answer = await act({
      input: { name: name.trim(), ...(days !== "" && { expiresInDays: Number(days) }) },
    });
    if (answer.errors) {
      const { at, rest } = placed(answer.errors, ["name"]);
      setError(at["name"] ?? rest[0] ?? "");
    } else setSecret(answer.data.createApiToken.secret);
  };
  if (secret !== null)
    return <Secret title="Your new token" label="The token" text={secret} onClose={onClose} />;
  return (
    <Dialog title="New token" onClose={onClose}>
      <form className="dialog-form" onSubmit={(event) => void make(event)}>
        <Input
          autoFocus
          required
          label="Name"
          help="What will use it, e.g. nightly-report."
          value={name}
          error={error}
          onChange={(event) => setName(event.target.value)}
        />
        <Select
          label="Expires"
          options={LIVES}
          value={days}
          onChange={(event) => setDays(event.target.value)}
        />
        <FormActions action="Make the token" isBusy={isBusy} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function Revoke({ token, onClose }: { token: Token; onClose: () => void }) {
  const { act, isBusy } = useAct(RevokeMutation);
  const revoke = async () => {
    told(await act({ id: token.id }), `${token.name} is revoked.`);
    onClose();
  };
  return (
    <Confirm
      title={`Revoke ${token.name}?`}
      action="Revoke the token"
      isBusy={isBusy}
      onClose={onClose}
      onConfirm={() => void revoke()}
    >
      Whatever uses it is signed out at once, and cannot sign in with it again.
    </Confirm>
  );
}
