/** The actions on many tasks that this page follows to their end, wherever one goes meanwhile; each session has its own. */
import type { Client } from "@urql/core";
import { useSyncExternalStore } from "react";
import { useClient } from "urql";
import { onEnd, pipe, subscribe } from "wonka";
import { toast } from "@/ui/toast";
import { BulkActionChanged, type BulkAction } from "./documents";
import { isGood, wordsOfAction, wordsOfUndo } from "./kinds";

/** In the address of the list: the action that is shown over it. */
export const ACTION = "action";

/** How long it stands there that all went well, where there is nothing to undo. */
const SHOWN_MS = 8_000;

export class Watch {
  private shown: readonly BulkAction[] = [];
  private readonly readers = new Set<() => void>();
  private readonly notes = new Map<string, string>();

  constructor(private readonly client: Client) {}

  readonly subscribe = (reader: () => void): (() => void) => {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  };

  readonly read = (): readonly BulkAction[] => this.shown;

  /** Shows an action until it is put away. Of what has ended, nothing more is to be told. */
  follow(action: BulkAction, note = ""): void {
    if (note !== "") this.notes.set(action.id, note);
    if (this.shown.some(({ id }) => id === action.id)) return;
    this.set([...this.shown, action]);
    if (action.status !== "RUNNING") return;
    const { id } = action;
    const stream = pipe(
      this.client.subscription(BulkActionChanged, { id }),
      onEnd(() => this.lose(id)),
      subscribe(({ data, error }) => {
        if (error) toast.bad("How an action on many tasks goes on is not told any more.", detailsOf(id));
        if (!data) return;
        const now = data.bulkActionChanged;
        this.set(this.shown.map((one) => (one.id === id ? now : one)));
        if (now.status === "RUNNING") return;
        // The stream tells its first word while it is subscribed to.
        queueMicrotask(() => stream.unsubscribe());
        if (this.readers.size === 0) this.toast(now);
        else if (isGood(now) && now.undoable === 0 && this.noteOf(now) === "")
          setTimeout(() => this.putAway(id), SHOWN_MS);
      }),
    );
  }

  /** What is to be said of an action when it has ended, besides how it went: what it left out, what undoing it does. */
  noteOf(action: BulkAction): string {
    if (action.status === "RUNNING") return "";
    return [this.notes.get(action.id) ?? "", wordsOfUndo(action)].filter(Boolean).join(" ");
  }

  putAway(id: string): void {
    this.set(this.shown.filter((one) => one.id !== id));
  }

  /** The stream is over before the action is: it is put away, and followed again when it is read of next. */
  private lose(id: string): void {
    if (this.shown.find((one) => one.id === id)?.status === "RUNNING") this.putAway(id);
  }

  /** Somewhere else a few words say how it went, and lead to it. */
  private toast(action: BulkAction): void {
    this.putAway(action.id);
    const link = detailsOf(action.id);
    const words = [`${wordsOfAction(action)}.`, this.noteOf(action)].filter(Boolean).join(" ");
    if (isGood(action)) toast.good(words, link);
    else toast.bad(words, link);
  }

  private set(shown: readonly BulkAction[]): void {
    this.shown = shown;
    for (const reader of this.readers) reader();
  }
}

const watches = new WeakMap<Client, Watch>();

export function watchOf(client: Client): Watch {
  const found = watches.get(client) ?? new Watch(client);
  watches.set(client, found);
  return found;
}

export function useWatch(): { actions: readonly BulkAction[]; watch: Watch } {
  const watch = watchOf(useClient());
  return { actions: useSyncExternalStore(watch.subscribe, watch.read), watch };
}

function detailsOf(id: string) {
  return { href: addressOfAction(id), words: "Details" };
}

/** Where an action is shown, over the list at hand where there is one. */
export function addressOfAction(id: string, list = ""): string {
  const params = new URLSearchParams(list);
  params.set(ACTION, id);
  return `/tasks?${params.toString()}`;
}
