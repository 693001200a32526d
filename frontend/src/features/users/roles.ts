/** What an account may be, in words. */
import type { Role } from "@/graphql/graphql";

export const ROLES: Record<Role, { name: string; words: string }> = {
  CLIENT: { name: "Client", words: "Submits tasks and sees its own." },
  WORKER: {
    name: "Worker",
    words:
      "For programs and people that do tasks. They come next: today only Python functions do. Alone, it neither submits tasks nor reads them.",
  },
  ADMIN: { name: "Administrator", words: "Sees everything; operates queues, workers and accounts." },
};

export const ALL_ROLES = Object.keys(ROLES) as Role[];

export function rolesInWords(roles: readonly Role[]): string {
  const words = ALL_ROLES.filter((role) => roles.includes(role)).map((role) =>
    ROLES[role].name.toLowerCase(),
  );
  return words.join(", ");
}
