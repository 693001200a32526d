import { describe, expect, it } from "vitest";
import { joined, parcelsOf, sendAll, type Answer, type Input, type Report } from "./sending";

/** As the server does it: all or none, and a key that it knows gives the task that it made before. */
class Server {
  readonly tasks = new Map<string, string>();
  readonly calls: number[] = [];
  /** After so many calls the answer is lost on its way, though the tasks are made. */
  loses = Infinity;

  readonly send = (inputs: Input[]): Promise<Answer> => {
    this.calls.push(inputs.length);
    const index = inputs.findIndex(({ isBad }) => isBad === true);
    if (index >= 0) return Promise.resolve({ ids: null, refusal: { index, words: "is bad" } });
    const ids = inputs.map(({ idempotencyKey }) => {
      const key = idempotencyKey as string;
      const id = this.tasks.get(key) ?? `task_${this.tasks.size}`;
      this.tasks.set(key, id);
      return id;
    });
    return Promise.resolve(
      this.calls.length > this.loses
        ? { ids: null, refusal: { index: null, words: "no answer" } }
        : { ids, refusal: null },
    );
  };
}

function parcels(amount: number, bad: number[] = []) {
  const rows = Array.from({ length: amount }, (_, index) => ({
    line: index + 2,
    input: { index, isBad: bad.includes(index) },
  }));
  return parcelsOf(rows, "batch");
}

function send(server: Server, all: ReturnType<typeof parcels>, isStopped = () => false) {
  const seen: Report[] = [];
  return sendAll(all, { send: server.send, onProgress: (report) => seen.push(report), isStopped }).then(
    (report) => ({
      report,
      seen,
    }),
  );
}

describe("many tasks", () => {
  it("go in hundreds, and tell how far they are", async () => {
    const server = new Server();
    const { report, seen } = await send(server, parcels(250));
    expect(server.calls).toEqual([100, 100, 50]);
    expect(seen.map(({ sent }) => sent.size)).toEqual([100, 200, 250]);
    expect(report).toMatchObject({ halted: null, refused: new Map() });
    expect(server.tasks.size).toBe(250);
  });

  it("go without those that the server refuses", async () => {
    const server = new Server();
    const all = parcels(130, [3, 120]);
    const { report } = await send(server, all);
    expect([...report.refused]).toEqual([
      [all[3]?.key, "is bad"],
      [all[120]?.key, "is bad"],
    ]);
    expect(report.sent.size).toBe(128);
  });

  it("are made once, though an answer was lost and they are sent again", async () => {
    const server = new Server();
    server.loses = 1;
    const all = parcels(250);
    const first = await send(server, all);
    expect(first.report.halted).toBe("no answer");
    expect([first.report.sent.size, server.tasks.size]).toEqual([100, 200]);
    server.loses = Infinity;
    const left = all.filter(({ key }) => !first.report.sent.has(key));
    const second = await send(server, left);
    expect(second.report.sent.size).toBe(150);
    expect(server.tasks.size).toBe(250);
  });

  it("that were refused stay so when the others are sent", async () => {
    const server = new Server();
    const first = (await send(server, parcels(3, [1]))).report;
    const mended = parcelsOf([{ line: 9, input: { index: 9 } }], "batch");
    const both = joined(first, (await send(server, mended)).report);
    expect([both.sent.size, [...both.refused.keys()], both.halted]).toEqual([
      3,
      [...first.refused.keys()],
      null,
    ]);
  });

  it("stop after the hundred that is on its way", async () => {
    const server = new Server();
    const { report } = await send(server, parcels(250), () => server.calls.length > 0);
    expect(report.sent.size).toBe(100);
  });

  it("go fewer at once where they are large, and one alone where it is huge", async () => {
    const server = new Server();
    const rows = [600_000, 200_000, 200_000, 200_000].map((length, line) => ({
      line,
      input: { text: "x".repeat(length) },
    }));
    await send(server, parcelsOf(rows, "batch"));
    expect(server.calls).toEqual([1, 2, 1]);
  });
});

describe("keys", () => {
  const rows = [{ a: 1 }, { a: 2 }, { a: 1 }].map((input, line) => ({ line, input }));
  const keys = parcelsOf(rows, "one").map(({ key }) => key);

  it("differ for each line, also where two say the same, and for each paste", () => {
    expect(new Set([...keys, ...parcelsOf(rows, "two").map(({ key }) => key)]).size).toBe(6);
  });

  it("stay where another line is mended or one is put before", () => {
    const mended = [
      { line: 1, input: { a: 9 } },
      ...rows.slice(0, 1),
      { line: 7, input: { a: 3 } },
      ...rows.slice(2),
    ];
    expect(parcelsOf(mended, "one").map(({ key }) => key)).toEqual(
      expect.arrayContaining([keys[0], keys[2]]),
    );
  });

  it("are the reader's own where there are some", () => {
    expect(parcelsOf([{ line: 1, input: { idempotencyKey: "order-7" } }], "one")[0]?.key).toBe("order-7");
  });
});
