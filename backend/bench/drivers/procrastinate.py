"""procrastinate: PostgreSQL with notifications, 100 tasks at once, deferred many at a time. It stores no results."""

import time

from procrastinate import App, PsycopgConnector

from bench.drivers.base import POSTGRES_DATABASE, POSTGRES_HOST, Driver, gate, main

AT_ONCE = 1000
app = App(
    connector=PsycopgConnector(
        kwargs={"host": POSTGRES_HOST, "user": "postgres", "dbname": POSTGRES_DATABASE}, min_size=1, max_size=20
    )
)


@app.task(name="noop")
async def noop() -> None:
    return None


@app.task(name="stamped")
async def stamped() -> None:
    # It has no results: the instant goes into a table, after it was taken.
    began = time.time()
    await app.connector.execute_query_async("INSERT INTO bench_starts VALUES (%(began)s)", began=began)


class Procrastinate(Driver):
    async def prepare(self) -> None:
        await app.open_async()
        await app.schema_manager.apply_schema_async()
        await app.connector.execute_query_async("CREATE TABLE bench_starts (began float8)")

    async def close(self) -> None:
        await app.close_async()

    async def submit_one(self) -> None:
        await noop.defer_async()

    async def submit_bulk(self, count: int) -> None:
        for start in range(0, count, AT_ONCE):
            await noop.batch_defer_async(*[{}] * min(AT_ONCE, count - start))

    async def remaining(self) -> int:
        row = await app.connector.execute_query_one_async(
            "SELECT count(*) AS n FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        )
        return int(row["n"])

    async def probe(self) -> float:
        await app.connector.execute_query_async("DELETE FROM bench_starts")
        job = await stamped.defer_async()
        while True:
            row = await app.connector.execute_query_one_async(
                "SELECT (SELECT began FROM bench_starts LIMIT 1) AS began, "
                "(SELECT status FROM procrastinate_jobs WHERE id = %(job)s)::text AS status",
                job=job,
            )
            if row["status"] == "succeeded":
                return float(row["began"])


async def work() -> None:
    async with app.open_async():
        gate()
        await app.run_worker_async(concurrency=100, install_signal_handlers=False, fetch_job_polling_interval=1)


if __name__ == "__main__":
    main(Procrastinate, work)
