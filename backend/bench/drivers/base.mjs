// What every driver in JavaScript shares: the protocol of `base.py`.
import { createInterface } from "node:readline";

export const REDIS_SOCKET = process.env.BENCH_REDIS ?? "";
export const POSTGRES_HOST = process.env.BENCH_POSTGRES_HOST ?? "";
export const POSTGRES_DATABASE = process.env.BENCH_POSTGRES_DATABASE ?? "";

const CLIENTS = 100;
const SHORTEST_LOOK_MS = 2;
const LOOK_SHARE = 0.01;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const wallMs = () => performance.timeOrigin + performance.now();
export const nowS = () => wallMs() / 1000;

async function submitParallel(driver, count) {
  let left = count;
  const client = async () => {
    while (left-- > 0) await driver.submitOne();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

async function submit(driver, { count, mode }) {
  const started = performance.now();
  if (mode === "single") for (let i = 0; i < count; i++) await driver.submitOne();
  else if (mode === "parallel") await submitParallel(driver, count);
  else await driver.submitBulk(count);
  return { seconds: (performance.now() - started) / 1000 };
}

async function drained(driver, { total, until, timeout_s }) {
  const begun = performance.now();
  let first = null;
  let looks = 0;
  for (;;) {
    const done = total - (await driver.remaining());
    const now = performance.now();
    looks += 1;
    if (done > 0 && !first) first = { now, done };
    if (done >= until) {
      return {
        from_first_s: (now - first.now) / 1000, first: first.done, done, all_s: (now - begun) / 1000, looks,
      };
    }
    if (now - begun > timeout_s * 1000) throw new Error(`${done} of ${until} tasks were done after ${timeout_s} s`);
    await sleep(first ? Math.max(SHORTEST_LOOK_MS, LOOK_SHARE * (now - first.now)) : SHORTEST_LOOK_MS);
  }
}

async function latency(driver, { count, pause_s }) {
  const start_ms = [];
  const result_ms = [];
  for (let number = 0; number < count + 5; number++) {
    await sleep(pause_s * 1000 * (0.5 + ((number * 0.618) % 1)));
    const submitted = wallMs();
    const began = await driver.probe();
    if (number < 5) continue;
    start_ms.push(began * 1000 - submitted);
    result_ms.push(wallMs() - submitted);
  }
  return { start_ms, result_ms };
}

async function answer(driver, { do: what, ...rest }) {
  if (what === "submit") return submit(driver, rest);
  if (what === "drained") return drained(driver, rest);
  if (what === "latency") return latency(driver, rest);
  return (await driver[what]?.(rest)) ?? null;
}

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function serve(driver) {
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      say({ answer: await answer(driver, JSON.parse(line)) });
    } catch (error) {
      console.error(error);
      say({ error: String(error).slice(0, 300) });
    }
  }
  process.exit(0);
}

/** A worker's last step before it takes tasks: says that it is ready, and waits for the start. */
export function gate() {
  say({ ready: process.pid });
  return new Promise((resolve) => process.stdin.once("data", resolve));
}

export const main = (driver, worker) => (process.argv[2] === "driver" ? serve(driver) : worker());
