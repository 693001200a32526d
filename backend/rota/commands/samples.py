"""The dozen tasks of the very first start, so that the page has something of each kind to show."""

import asyncio

from rota.domain.errors import UnknownFunction
from rota.domain.tasks import NewTask
from rota.operations.platform import Platform

LOOK_EVERY_S = 0.1
MINUTE_MS = 60_000
PROVERB = "Many hands make light work, and light work makes many hands."
RAINFALL = """city,month,rain_mm
Bergen,January,257
Bergen,July,146
Cairo,January,5
Cairo,July,0
Mumbai,January,1
Mumbai,July,855
"""


def sample_tasks(now: int) -> list[NewTask]:
    """Different functions, priorities and fates; `now` is in ms since the epoch."""
    return [
        NewTask("multiply", args={"a": 6, "b": 7}, title="The answer", priority=8),
        NewTask("multiply", args={"a": 12345679, "b": 9}, priority=5, tags=("sums",)),
        NewTask("word_count", args={"text": PROVERB}, title="Count a proverb's words", priority=6, tags=("text",)),
        NewTask("word_count", args={"text": f"{PROVERB} " * 500}, title="Count a longer text", priority=3, tags=("text",)),
        NewTask("prime_factors", args={"n": 600851475143}, title="Factors of 600,851,475,143", priority=9),
        NewTask("prime_factors", args={"n": 502560280658509}, title="Factors of a hard number", priority=2),
        NewTask("csv_summary", args={"text": RAINFALL}, title="Rainfall in three cities", priority=7, tags=("data",)),
        NewTask("sleep", args={"seconds": 5}, title="Five quiet seconds", priority=4),
        NewTask("sleep", args={"seconds": 20}, title="Done before its deadline", deadline_at=now + 10 * MINUTE_MS),
        NewTask("sleep", args={"seconds": 1}, title="Starts in two minutes", run_at=now + 2 * MINUTE_MS, tags=("later",)),
        NewTask("flaky", args={"failures": 2}, title="Succeeds at its third attempt", max_attempts=4, priority=10),
        NewTask("flaky", args={"failures": 5}, title="Fails for good", max_attempts=2, tags=("failing",)),
    ]  # fmt: skip


async def submit_samples(platform: Platform, owner_id: str) -> int:
    """Submits them as soon as a worker has offered their functions. Returns how many."""
    wishes = sample_tasks(platform.clock.now_ms())
    for name in sorted({wish.function for wish in wishes if wish.function}):
        await _until_known(platform, name)
    return len(await platform.submission.submit(owner_id, wishes))


async def _until_known(platform: Platform, name: str) -> None:
    while True:
        try:
            await platform.catalogue.function(name)
        except UnknownFunction:
            await asyncio.sleep(LOOK_EVERY_S)
        else:
            return
