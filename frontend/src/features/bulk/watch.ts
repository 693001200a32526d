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

/** What may take from an action the tasks that undoing it would put back. */
const OVERTAKES: Partial<Record<BulkAction["kind"], readonly BulkAction["kind"][]>> = {
  CANCEL: ["RETRY", "DELETE", "RESET"],
  RESCHEDULE: ["RESCHEDULE", "CANCEL", "DELETE", "RESET"],
};

/** How long it stands there that all went well, where there is nothing to undo. */
const SHOWN_MS = 8_000;

export class Watch {
  private shown: readonly BulkAction[] = [];
  private readonly readers = new Set<() => void>();
  private readonly notes = new Map<string, string>();
  /** To which tasks each is done, where that is known. */
  private readonly ids = new Map<string, ReadonlySet<string>>();
  private readonly overtaken = new Set<string>();

  constructor(private readonly client: Client) {}

  readonly subscribe = (reader: () => void): (() => void) => {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  };

  readonly read = (): readonly BulkAction[] => this.shown;

  /** Shows an action until it is put away. Of what has ended, nothing more is to be told. `ids`: of what was chosen by hand. */
  follow(action: BulkAction, note = "", ids?: readonly string[]): void {
    if (note !== "") this.notes.set(action.id, note);
    if (ids) this.ids.set(action.id, new Set(ids));
    if (this.shown.some(({ id }) => id === action.id)) return;
    this.overtake(({ id, kind }) => this.mayTouch(id, kind, action.kind, ids));
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
        this.set(this.shown.map((one) => (one.id === id ? this.asOffered(now) : one)));
        if (now.status === "RUNNING") return;
        // The stream tells its first word while it is subscribed to.
        queueMicrotask(() => stream.unsubscribe());
        if (this.readers.size === 0) this.toast(now);
        else if (isGood(now) && (this.overtaken.has(id) || (now.undoable === 0 && this.noteOf(now) === "")))
          setTimeout(() => this.putAway(id), SHOWN_MS);
      }),
    );
  }

  /** What is to be said of an action when it has ended, besides how it went: what it left out, what undoing it does. */
  noteOf(action: BulkAction): string {
    if (action.status === "RUNNING") return "";
    const undo = this.overtaken.has(action.id) ? "" : wordsOfUndo(action);
    return [this.notes.get(action.id) ?? "", undo].filter(Boolean).join(" ");
  }

  /** Something newer was done to one task by itself: no undo is offered that would overlook it. */
  touched(task: string): void {
    this.overtake(({ id }) => this.ids.get(id)?.has(task) === true);
  }

  private overtake(isTouched: (action: BulkAction) => boolean): void {
    const touched = this.shown.filter(isTouched);
    if (touched.length === 0) return;
    for (const { id } of touched) this.overtaken.add(id);
    // Only what did not go well has more to say than that it can be undone.
    const left = this.shown.filter(
      (one) => !touched.includes(one) || one.status === "RUNNING" || !isGood(one),
    );
    this.set(left.map((one) => this.asOffered(one)));
  }

  /** Where it is not known to which tasks the two are done, they may be the same. */
  private mayTouch(
    older: string,
    kind: BulkAction["kind"],
    newer: BulkAction["kind"],
    ids: readonly string[] | undefined,
  ): boolean {
    const known = this.ids.get(older);
    if (!OVERTAKES[kind]?.includes(newer)) return false;
    return known === undefined || ids === undefined || ids.some((id) => known.has(id));
  }

  private asOffered(action: BulkAction): BulkAction {
    return this.overtaken.has(action.id) ? { ...action, undoable: 0 } : action;
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
