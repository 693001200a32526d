/** Whether what is shown is live, and when it has to be read anew. */
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";

export interface LiveState {
  mark: "connecting" | "live" | "reconnecting" | "paused";
  /** Grows each time after which something may have been missed. */
  epoch: number;
}

export class Live {
  private state: LiveState = { mark: "connecting", epoch: 0 };
  private isUp = false;
  private wasUp = false;
  private isOpening = false;
  /** Something was read since the connection was asked for, and before anybody could tell how it changed. */
  private wasReadBefore = false;
  private readonly readers = new Set<() => void>();

  /** `refused` is told, in words, why the server would not tell of some changes. */
  constructor(readonly refused: (words: string) => void = () => undefined) {}

  readonly subscribe = (reader: () => void): (() => void) => {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  };

  readonly read = (): LiveState => this.state;

  /** Somebody wants to be told of changes. */
  opens(): void {
    if (!this.isOpening) this.wasReadBefore = false;
    this.isOpening = true;
  }

  /** Something was read. */
  answered(): void {
    if (!this.isUp) this.wasReadBefore = true;
  }

  connected(isAgain: boolean): void {
    this.isUp = true;
    this.isOpening = false;
    const missed = (isAgain && this.wasUp) || this.wasReadBefore;
    this.wasReadBefore = false;
    this.wasUp = true;
    this.set(this.state.mark === "paused" ? "paused" : "live", missed);
  }

  /** `isIdle`: nobody listens any more, so the connection was put away; that is no fault. */
  closed(isIdle: boolean): void {
    this.isUp = false;
    if (this.state.mark !== "paused" && !isIdle) this.set(this.wasUp ? "reconnecting" : "connecting", false);
  }

  /** What is shown is not what is there. */
  missed(): void {
    this.set(this.state.mark, true);
  }

  toggle(): void {
    if (this.state.mark === "paused") this.set(this.isUp ? "live" : "connecting", true);
    else this.set("paused", false);
  }

  private set(mark: LiveState["mark"], missed: boolean): void {
    this.state = { mark, epoch: this.state.epoch + (missed ? 1 : 0) };
    for (const reader of this.readers) reader();
  }
}

export const LiveContext = createContext(new Live());

export function useLive(): LiveState & { toggle: () => void; refused: Live["refused"] } {
  const live = useContext(LiveContext);
  const state = useSyncExternalStore(live.subscribe, live.read);
  return { ...state, toggle: () => live.toggle(), refused: live.refused };
}

/**
 * Where live updates stood before a page was read for the first time: what listens from there on misses nothing. Undefined
 * until the server has answered; what was kept from an earlier visit does not count.
 */
export function useOpening(
  liveCursor: string | null | undefined,
  isKept: boolean,
): string | null | undefined {
  const [opening, setOpening] = useState<string | null>();
  if (opening === undefined && liveCursor !== undefined && !isKept) setOpening(liveCursor);
  return opening;
}

/** Calls `reread` after each time in which changes may have been missed. */
export function useReread(reread: () => void): void {
  const { epoch } = useLive();
  const seen = useRef(epoch);
  useEffect(() => {
    if (seen.current === epoch) return;
    seen.current = epoch;
    reread();
  });
}
