// BullMQ: 100 tasks at once a process, results kept, tasks added in bulk.
import { Queue, QueueEvents, Worker } from "bullmq";
import { REDIS_SOCKET, gate, main, nowS } from "./base.mjs";

const NAME = "bench";
const AT_ONCE = 1000;
const connection = { path: REDIS_SOCKET, maxRetriesPerRequest: null };

let queue;
let events;
let submitted = 0;

const driver = {
  async prepare() {
    queue = new Queue(NAME, { connection });
    await queue.waitUntilReady();
  },
  async submitOne() {
    submitted += 1;
    await queue.add("noop", {});
  },
  async submitBulk(count) {
    for (let start = 0; start < count; start += AT_ONCE) {
      const part = Math.min(AT_ONCE, count - start);
      submitted += part;
      await queue.addBulk(Array.from({ length: part }, () => ({ name: "noop", data: {} })));
    }
  },
  async remaining() {
    return submitted - (await queue.getCompletedCount());
  },
  async probe() {
    if (!events) {
      events = new QueueEvents(NAME, { connection });
      await events.waitUntilReady();
    }
    const job = await queue.add("noop", {});
    return job.waitUntilFinished(events, 10_000);
  },
};

async function work() {
  const worker = new Worker(NAME, async () => nowS(), { connection, concurrency: 100, autorun: false });
  await worker.waitUntilReady();
  await gate();
  await worker.run();
}

await main(driver, work);
