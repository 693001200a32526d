// Graphile Worker in its batched mode: a local queue of 500, completions written together. It stores no results.
import { Logger, makeWorkerUtils, run, runMigrations } from "graphile-worker";
import pg from "pg";
import { POSTGRES_DATABASE, POSTGRES_HOST, gate, main, nowS, sleep } from "./base.mjs";

const AT_ONCE = 1000;
const CONCURRENCY = 24;
const options = { host: POSTGRES_HOST, user: "postgres", database: POSTGRES_DATABASE };
const logger = new Logger(() => (level, message) => level === "error" && console.error(message));

let pgPool;
let utils;

const driver = {
  async prepare() {
    pgPool = new pg.Pool({ ...options, max: 20 });
    await runMigrations({ pgPool, logger });
    await pgPool.query("CREATE TABLE bench_starts (began float8)");
    utils = await makeWorkerUtils({ pgPool, logger });
  },
  async submitOne() {
    await utils.addJob("noop", {});
  },
  async submitBulk(count) {
    for (let start = 0; start < count; start += AT_ONCE) {
      const part = Math.min(AT_ONCE, count - start);
      await utils.addJobs(Array.from({ length: part }, () => ({ identifier: "noop", payload: {} })));
    }
  },
  async remaining() {
    const { rows } = await pgPool.query("SELECT count(*)::int AS n FROM graphile_worker._private_jobs");
    return rows[0].n;
  },
  async probe() {
    await pgPool.query("DELETE FROM bench_starts");
    const job = await utils.addJob("stamped", {});
    for (;;) {
      const { rows } = await pgPool.query(
        "SELECT (SELECT began FROM bench_starts LIMIT 1) AS began, " +
          "EXISTS (SELECT FROM graphile_worker._private_jobs WHERE id = $1) AS waits",
        [job.id],
      );
      if (rows[0].began !== null && !rows[0].waits) return rows[0].began;
      await sleep(0);
    }
  },
};

async function work() {
  const pool = new pg.Pool({ ...options, max: CONCURRENCY + 4 });
  await pool.query("SELECT 1");
  const taskList = {
    noop: async () => {},
    stamped: async (_payload, helpers) => {
      const began = nowS();
      await helpers.query("INSERT INTO bench_starts VALUES ($1)", [began]);
    },
  };
  await gate();
  const runner = await run({
    pgPool: pool,
    taskList,
    noHandleSignals: true,
    preset: {
      worker: {
        concurrentJobs: CONCURRENCY,
        pollInterval: 1000,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        logger,
      },
    },
  });
  await runner.promise;
}

await main(driver, work);
