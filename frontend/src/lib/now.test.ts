import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const NOON = Date.UTC(2026, 10, 30, 12);

/** A page of its own, whose machine's clock is ahead of the server's by so many ms. */
async function page(ahead: number) {
  vi.resetModules();
  const { hearTime, present } = await import("./now");
  const wrongBy = () => present() - (Date.now() - ahead);
  /** The server answers at once, `old` ms after it last looked at its clock. */
  const answer = (old = 0) => {
    const server = Date.now() - ahead;
    hearTime(new Date(server - old).toUTCString(), Date.now(), Date.now());
  };
  return { answer, hearTime, present, wrongBy };
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("the page's clock", () => {
  it.each([-600_000, 600_000, -86_400_000 * 400])(
    "goes by the server's, from %d ms beside it",
    async (ahead) => {
      const { answer, wrongBy } = await page(ahead);
      expect(wrongBy()).toBe(ahead);
      answer();
      expect(Math.abs(wrongBy())).toBeLessThanOrEqual(2_000);
      for (const later of [130, 770, 1_310]) {
        vi.setSystemTime(Date.now() + later);
        answer(later % 1_000);
      }
      expect(Math.abs(wrongBy())).toBeLessThanOrEqual(1_000);
    },
  );

  it("is this machine's own where that may be right", async () => {
    const { answer, wrongBy } = await page(0);
    for (const old of [0, 400, 999]) {
      vi.setSystemTime(Date.now() + 333);
      answer(old);
      expect(wrongBy()).toBe(0);
    }
  });

  it("learns nothing wrong from an answer that took long", async () => {
    const { hearTime, wrongBy } = await page(0);
    const askedAt = Date.now();
    vi.setSystemTime(askedAt + 30_000);
    for (const sentAt of [askedAt, askedAt + 30_000]) {
      hearTime(new Date(sentAt).toUTCString(), askedAt, Date.now());
      expect(wrongBy()).toBe(0);
    }
  });

  it("follows a machine whose clock is put right", async () => {
    const { hearTime, present } = await page(0);
    const answer = (server: number) => hearTime(new Date(server).toUTCString(), Date.now(), Date.now());
    answer(NOON - 600_000);
    expect(Math.abs(present() - (NOON - 600_000))).toBeLessThanOrEqual(2_000);
    vi.setSystemTime(NOON - 600_000);
    answer(NOON - 600_000);
    expect(Math.abs(present() - (NOON - 600_000))).toBeLessThanOrEqual(2_000);
  });

  it("is this machine's own where no instant is told", async () => {
    const { hearTime, wrongBy } = await page(0);
    for (const told of [null, "", "yesterday"]) hearTime(told, Date.now(), Date.now());
    expect(wrongBy()).toBe(0);
  });
});
