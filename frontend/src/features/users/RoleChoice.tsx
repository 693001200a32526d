/** The roles of an account, to tick. */
import type { Role } from "@/graphql/graphql";
import { Checkbox } from "@/ui/Field";
import { ALL_ROLES, ROLES } from "./roles";

interface RoleChoiceProps {
  roles: readonly Role[];
  error: string | undefined;
  onChange: (roles: Role[]) => void;
}

export function RoleChoice({ roles, error, onChange }: RoleChoiceProps) {
  return (
    <fieldset className="roles">
      <legend className="field-label">Roles</legend>
      {ALL_ROLES.map((role) => (
        <Checkbox
          key={role}
          label={ROLES[role].name}
          help={ROLES[role].words}
          checked={roles.includes(role)}
          onChange={(event) =>
            onChange(event.target.checked ? [...roles, role] : roles.filter((each) => each !== role))
          }
        />
      ))}
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
