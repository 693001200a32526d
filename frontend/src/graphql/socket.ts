/** The WebSocket of the subscriptions: numbers stay exact both ways, and a lost connection comes back by itself. */
import { createClient, type Client as SocketClient } from "graphql-ws";
import { holdExact, releaseExact } from "@/lib/exactjson";
import type { Live } from "./live";

const PING_MS = 10_000;
const PONG_WITHIN_MS = 5_000;
const LONGEST_WAIT_MS = 8_000;
/** What the server closes with when trying again would change nothing: bad requests, not signed in, not allowed. */
const FINAL_CODES = new Set([4400, 4401, 4403, 4406]);

const NORMAL = 1000;
const TRY_AGAIN = 1013;

class ExactSocket extends WebSocket {
  override send(data: string): void {
    super.send(releaseExact(data));
  }

  override set onmessage(handler: ((event: MessageEvent) => void) | null) {
    super.onmessage =
      handler && ((event: MessageEvent<string>) => handler({ data: holdExact(event.data) } as MessageEvent));
  }

  override get onmessage() {
    return super.onmessage;
  }

  override set onclose(handler: ((event: CloseEvent) => void) | null) {
    super.onclose = handler && ((event: CloseEvent) => handler(asPassing(event)));
  }

  override get onclose() {
    return super.onclose;
  }
}

/** What it closes with when the session has ended, or may do other things than when it began. */
const SESSION_CODES = new Set([4401, 4403]);

export function createSocket(live: Live, onSession: () => void): SocketClient {
  let late: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    webSocketImpl: ExactSocket,
    keepAlive: PING_MS,
    retryAttempts: Infinity,
    shouldRetry: (reason) => !isFinal(reason),
    retryWait: waitOrWake,
    on: {
      connecting: () => live.opens(),
      connected: (_, __, wasRetry) => live.connected(wasRetry),
      closed: (event) => {
        clearTimeout(late);
        live.closed(isClean(event));
        if (SESSION_CODES.has((event as CloseEvent).code)) onSession();
      },
      // A connection that is gone without a word is noticed by the pong that does not come.
      ping: (isFromServer) => {
        if (!isFromServer) late = setTimeout(() => client.terminate(), PONG_WITHIN_MS);
      },
      pong: (isFromServer) => {
        if (isFromServer) clearTimeout(late);
      },
    },
  });
  return client;
}

/** The client would never try again after some codes, such as that of a server that broke or has too many connections. */
function asPassing(event: CloseEvent): CloseEvent {
  const { code, reason, wasClean } = event;
  const isKnown = code === NORMAL || FINAL_CODES.has(code);
  return isKnown ? event : new CloseEvent("close", { code: TRY_AGAIN, reason, wasClean });
}

function isFinal(reason: unknown): boolean {
  return FINAL_CODES.has((reason as CloseEvent).code);
}

function isClean(event: unknown): boolean {
  return (event as CloseEvent).code === NORMAL;
}

/** Half a second, one, two, four, eight, each with jitter; at once when the machine is online again. */
function waitOrWake(retries: number): Promise<void> {
  const longest = Math.min(LONGEST_WAIT_MS, 500 * 2 ** retries);
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, longest * (0.5 + Math.random() / 2));
    window.addEventListener("online", done);
  });
}
