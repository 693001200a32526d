"""Lists as they change, over a real connection: schedules, the trail, accounts; and who hears of what."""

from typing import Any

from rota.coordinator import scheduler
from rota.domain.pools import NewPool
from rota.domain.schedule import NewSchedule
from rota.operations import pools, schedules
from tests.support.rota import ADMIN, ARGS
from tests.support.web import Account, Served

SCHEDULES = "subscription { schedulesChanged { schedules { id name isPaused tasks(first: 5) { status } } removed } }"
DAY_MS = 24 * 3600 * 1000


def wish(**changes: Any) -> NewSchedule:
    return NewSchedule(**{"name": "nightly", "cron": "0 3 * * *", "function": "multiply", "args": ARGS, **changes})


async def test_a_schedule_is_told_of_as_it_is_made_ticks_and_goes(served: Served, alice: Account) -> None:
    platform = served.platform
    kept = await schedules.create(platform, alice.viewer, wish(name="kept"))
    async with served.talk(alice) as talk:
        await talk.subscribe(SCHEDULES)
        assert names(await talk.next()) == ["kept"]
        made = await schedules.create(platform, alice.viewer, wish())
        # Another's is none of her business, and what did not change is not told again.
        await schedules.create(platform, ADMIN, wish(name="another's"))
        assert names(await talk.next()) == ["nightly"]
        await schedules.set_paused(platform, alice.viewer, kept.id, True)
        assert [one["isPaused"] for one in told(await talk.next())] == [True]
        served.rota.clock.ahead_ms = DAY_MS
        assert (
            await scheduler.tick(platform, await schedules.get(platform, alice.viewer, made.id), made.next_at or 0) == 1
        )
        (ticked,) = told(await talk.next())
        assert ticked["tasks"] == [{"status": "QUEUED"}]
        await platform.submission.drain()
        await served.rota.run()
        while ticked["tasks"] != [{"status": "SUCCEEDED"}]:
            (ticked,) = told(await talk.next())
        await schedules.delete(platform, alice.viewer, made.id)
        assert (await talk.next())["schedulesChanged"] == {"schedules": [], "removed": [made.id]}


def told(event: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = event["schedulesChanged"]["schedules"]
    return found


def names(event: dict[str, Any]) -> list[str]:
    return [one["name"] for one in told(event)]


async def test_pools_are_told_of_as_they_are_started_and_stopped(
    served: Served, admin: Account, alice: Account
) -> None:
    platform, document = served.platform, "subscription { poolsChanged { name isStopped } }"
    async with served.talk(admin) as talk:
        await talk.subscribe(document)
        assert (await talk.next())["poolsChanged"] == []
        pool = await pools.start(platform, ADMIN, NewPool(name="mails"))
        assert (await talk.next())["poolsChanged"] == [{"name": "mails", "isStopped": False}]
        await pools.stop(platform, ADMIN, pool.id)
        assert (await talk.next())["poolsChanged"] == [{"name": "mails", "isStopped": True}]
    async with served.talk(alice) as talk:
        await talk.subscribe(document)
        assert "FORBIDDEN" in str(await talk.hear())
