"""Many subscribers while much changes: from just before a commit to the frame in the client, and what it costs."""

import asyncio
import json

from bench.api.figures import Live, Sizes, percentiles
from bench.api.server import Api, Part
from bench.usage import cpu_s

REST_S = 2.0


async def measure(api: Api, sizes: Sizes) -> Live:
    """Subscribes, changes, hears. Raises RuntimeError where somebody missed a change, or heard of it twice."""
    before = api.memory_mb
    given = {
        "url": api.url,
        "secrets": api.secrets,
        "subscribers": sizes.subscribers,
        "stalled": sizes.stalled,
        "kinds": sizes.kinds,
    }
    watchers = Part("bench.api.subscribers", api.env, api.folder / "subscribers.log", json.dumps(given))
    await watchers.start()
    try:
        await asyncio.sleep(REST_S)
        watched, memory = api.memory_mb, []
        used_s, own_s, theirs_s = api.cpu_s, api.own_cpu_s, cpu_s([watchers.pid])
        changing = asyncio.create_task(api.change(sizes.changes, sizes.seconds))
        while not changing.done():
            await asyncio.wait([changing], timeout=1.0)
            memory.append(api.memory_mb)
        used_s, own_s = api.cpu_s - used_s, api.own_cpu_s - own_s
        theirs_s = cpu_s([watchers.pid]) - theirs_s
        await asyncio.sleep(REST_S)
        heard = await watchers.ask(do="tell")
    finally:
        await watchers.stop()
    committed = changing.result()
    if wrong := {number for number in heard["heard"] if number != committed}:
        raise RuntimeError(f"of {committed} changes subscribers heard of {sorted(wrong)}")
    return Live(
        percentiles(heard["latencies_ms"]),
        committed,
        heard["frames"],
        heard["resets"],
        before,
        watched,
        memory,
        used_s / sizes.seconds,
        own_s / max(1, heard["frames"]) * 1e6,
        theirs_s / sizes.seconds,
        heard["stalled_closed"],
    )
