import { describe, expect, it } from "vitest";
import { Live } from "./live";

describe("the live mark", () => {
  it("asks for nothing to be read again at the first connection", () => {
    const live = new Live();
    live.connected(false);
    expect(live.read()).toEqual({ mark: "live", epoch: 0 });
  });

  it("tells that it reconnects, and has everything read again after", () => {
    const live = new Live();
    live.connected(false);
    live.closed(false);
    expect(live.read().mark).toBe("reconnecting");
    live.connected(true);
    expect(live.read()).toEqual({ mark: "live", epoch: 1 });
  });

  it("stays paused whatever the connection does, and catches up after", () => {
    const live = new Live();
    live.connected(false);
    live.toggle();
    live.closed(true);
    expect(live.read()).toEqual({ mark: "paused", epoch: 0 });
    live.toggle();
    expect(live.read()).toEqual({ mark: "connecting", epoch: 1 });
    live.connected(false);
    expect(live.read()).toEqual({ mark: "live", epoch: 1 });
  });

  it("has read again what was read before anybody could tell how it changes", () => {
    const live = new Live();
    live.answered(); // who is signed in: nobody asks for changes of that
    live.opens();
    live.answered();
    live.opens(); // it tries again
    live.connected(true);
    expect(live.read()).toEqual({ mark: "live", epoch: 1 });
  });

  it("asks for nothing anew of what is read while it is told of changes", () => {
    const live = new Live();
    live.answered();
    live.opens();
    live.connected(false);
    live.answered();
    live.closed(true);
    live.opens();
    live.connected(false);
    expect(live.read().epoch).toBe(0);
  });

  it("is not alarmed when a page listens to nothing", () => {
    const live = new Live();
    live.connected(false);
    live.closed(true);
    expect(live.read().mark).toBe("live");
  });

  it("tells its readers", () => {
    const live = new Live();
    let calls = 0;
    const stop = live.subscribe(() => calls++);
    live.connected(false);
    stop();
    live.closed(false);
    expect(calls).toBe(1);
  });
});
