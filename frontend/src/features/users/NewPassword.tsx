/** A password that was made, shown this once. */
import { Secret } from "@/ui/Secret";

interface NewPasswordProps {
  username: string;
  password: string;
  onClose: () => void;
}

export function NewPassword({ username, password, onClose }: NewPasswordProps) {
  return (
    <Secret title={`The password of ${username}`} label="The password" text={password} onClose={onClose} />
  );
}
