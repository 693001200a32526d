"""What is ready in a queue: one line, or in a sorted queue one for each function besides."""

from collections.abc import Sequence

from rota.broker.client import RedisClient
from rota.broker.keys import Keys


async def ready_keys(redis: RedisClient, keys: Keys, queues: Sequence[str]) -> list[list[str]]:
    """The keys of each queue's lines."""
    pipe = redis.pipeline(transaction=False)
    for queue in queues:
        pipe.smembers(keys.queue(queue, "lines"))
    found = await pipe.execute() if queues else []
    return [
        [keys.queue(queue, "ready"), *sorted(keys.line(queue, name.decode()) for name in names)]
        for queue, names in zip(queues, found, strict=True)
    ]


async def ready_counts(redis: RedisClient, keys: Keys, queues: Sequence[str]) -> list[int]:
    """How many tasks are ready in each queue."""
    lines = await ready_keys(redis, keys, queues)
    pipe = redis.pipeline(transaction=False)
    for line in lines:
        for key in line:
            pipe.zcard(key)
    sizes = iter(await pipe.execute() if queues else [])
    return [sum(int(next(sizes)) for _ in line) for line in lines]


async def ready_places(redis: RedisClient, keys: Keys, queue: str, ids: Sequence[str]) -> list[int | None]:
    """The place of each of these tasks among all that are ready, 0 for the next; None for what is not."""
    if not ids:
        return []
    (lines,) = await ready_keys(redis, keys, [queue])
    pipe = redis.pipeline(transaction=False)
    if len(lines) == 1:
        for task_id in ids:
            pipe.zrank(lines[0], task_id)
        places: list[int | None] = await pipe.execute()
        return places
    for task_id in ids:
        for line in lines:
            pipe.zscore(line, task_id)
    scores = iter(await pipe.execute())
    ranks = [next((one for one in [next(scores) for _ in lines] if one is not None), None) for _ in ids]
    for rank in ranks:
        for line in lines if rank is not None else ():
            pipe.zcount(line, "-inf", f"({rank!r}")
    before = iter(await pipe.execute())
    return [None if rank is None else sum(int(next(before)) for _ in lines) for rank in ranks]
