/** A password that was made, shown this once. */
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { CodeView } from "@/ui/JsonView";

interface SecretProps {
  username: string;
  password: string;
  onClose: () => void;
}

export function Secret({ username, password, onClose }: SecretProps) {
  const actions = (
    <Button look="primary" onClick={onClose}>
      I have it
    </Button>
  );
  return (
    <Dialog title={`The password of ${username}`} onClose={onClose} actions={actions}>
      <p className="soft">
        Copy it now: it is shown only this once. Rota keeps nothing that it could be read from.
      </p>
      <CodeView text={password} label="The password" />
    </Dialog>
  );
}
