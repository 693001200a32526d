/** Something that was made and is shown this once. */
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { CodeView } from "./JsonView";

interface SecretProps {
  title: string;
  /** What it is. */
  label: string;
  text: string;
  onClose: () => void;
}

export function Secret({ title, label, text, onClose }: SecretProps) {
  const actions = (
    <Button look="primary" onClick={onClose}>
      I have it
    </Button>
  );
  return (
    <Dialog title={title} onClose={onClose} actions={actions}>
      <p className="soft">
        Copy it now: it is shown only this once. Rota keeps nothing that it could be read from.
      </p>
      <CodeView text={text} label={label} />
    </Dialog>
  );
}
