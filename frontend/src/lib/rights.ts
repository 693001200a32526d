/** Who may enter a place of the page; the server decides what may be read and done, this what is shown. */

/** Those who submit tasks, or administrators. */
export type Need = "client" | "admin";

export interface Rights {
  isAdmin: boolean;
  isClient: boolean;
}

export function mayEnter(need: Need | undefined, { isAdmin, isClient }: Rights): boolean {
  return need === undefined || isAdmin || (need === "client" && isClient);
}
