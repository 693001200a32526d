/** Lists as they were left, so that going back finds the same rows at the same place; each session has its own. */
import type { Client } from "@urql/core";
import { cameBack } from "@/lib/history";
import type { ListState } from "./liststate";
import type { Selection } from "@/features/bulk/selection";

export interface Kept {
  list: ListState;
  selection: Selection;
  /** From where the changes since then are told. */
  cursor: string | null;
  scrollY: number;
  /** The row that had the focus. */
  active: string | null;
}

const MOST_LISTS = 5;
const lists = new WeakMap<Client, Map<string, Kept>>();

/** The list of an address, where one came back to it. */
export function recallList(client: Client, address: string): Kept | null {
  return cameBack() ? (lists.get(client)?.get(address) ?? null) : null;
}

export function keepList(client: Client, address: string, kept: Kept): void {
  const own = lists.get(client) ?? new Map<string, Kept>();
  own.delete(address);
  own.set(address, kept);
  for (const oldest of [...own.keys()].slice(0, -MOST_LISTS)) own.delete(oldest);
  lists.set(client, own);
}
