"""Lists as they change, over a real connection: schedules, the trail, accounts; and who hears of what."""

from typing import Any

import pytest

from rota import ids
from rota.coordinator import leader, scheduler
from rota.domain.access import Role
from rota.domain.pools import NewPool
from rota.domain.schedule import NewSchedule
from rota.operations import health, pools, schedules, trail, users
from rota.store import audit, leaders
from rota.store.audit import TrailQuery
from tests.support.rota import ADMIN, ARGS
from tests.support.web import Account, Served

SCHEDULES = "subscription { schedulesChanged { schedules { id name isPaused tasks(first: 5) { status } } removed } }"
ACTIVITY = (
    "subscription ($f: ActivityFilter) { activityAdded(filter: $f) { entries { action outcome actorName } isReset } }"
)
USERS = "subscription { usersChanged { username roles } }"
SYSTEM = "subscription { systemTicked { isHealthy leader parts { name state words } } }"
REVOKE = 'mutation { revokeApiToken(id: "token_01h455vb4pex5vsknk084sn02q") { errors { code } } }'
TOKEN = "mutation ($n: String!) { createApiToken(input: {name: $n}) { errors { code } } }"
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


async def test_each_hears_of_entries_that_it_may_see_once(served: Served, alice: Account, admin: Account) -> None:
    async with served.talk(alice) as hers, served.talk(admin) as all_of_them:
        await hers.subscribe(ACTIVITY)
        await all_of_them.subscribe(ACTIVITY, f={"action": ["createApiToken"]})
        await served.settled(watching=2)
        await served.ask(alice, TOKEN, n="one")
        assert (await hers.next())["activityAdded"] == {"entries": [entry("createApiToken", alice)], "isReset": False}
        assert (await all_of_them.next())["activityAdded"]["entries"] == [entry("createApiToken", alice)]
        await served.ask(admin, 'mutation { pauseQueue(name: "default") { errors { code } } }')
        await served.ask(admin, TOKEN, n="two")
        await served.ask(alice, REVOKE)
        assert (await all_of_them.next())["activityAdded"]["entries"] == [entry("createApiToken", admin)]
        assert (await hers.next())["activityAdded"]["entries"] == [entry("revokeApiToken", alice, "NOT_FOUND")]


def entry(action: str, by: Account, outcome: str = "OK") -> dict[str, Any]:
    return {"action": action, "outcome": outcome, "actorName": by.user.username}


async def test_an_entry_that_another_process_writes_late_is_told_too(served: Served, admin: Account) -> None:
    platform = served.platform
    newer = trail.Newer(platform.database, admin.viewer, TrailQuery(), 10)
    early, late = ids.new_id(ids.ENTRY), ids.new_id(ids.ENTRY)
    await put(served, late)
    assert [row.id for row in (await newer.find())[0]] == [late]
    await put(served, early)
    assert [row.id for row in (await newer.find())[0]] == [early]
    assert await newer.find() == ([], False)
    await put(served, *(ids.new_id(ids.ENTRY) for _ in range(11)))
    found, has_more = await newer.find()
    assert (len(found), has_more) == (10, True)


async def put(served: Served, *entry_ids: str) -> None:
    at = served.platform.clock.now_ms()
    rows = [(entry_id, at, None, None, "x", "OK", "[]", 1, "", "") for entry_id in entry_ids]
    async with served.platform.database.transaction() as db:
        await audit.add(db, rows)


async def test_accounts_are_told_to_administrators_alone(served: Served, alice: Account, admin: Account) -> None:
    async with served.talk(admin) as talk:
        await talk.subscribe(USERS)
        assert {user["username"] for user in (await talk.next())["usersChanged"]} == {
            alice.user.username, admin.user.username,
        }  # fmt: skip
        await users.set_roles(served.platform, admin.viewer, alice.user.id, [Role.WORKER])
        roles: dict[str, list[str]] = {}
        while roles.get(alice.user.username) != ["WORKER"]:
            roles = {user["username"]: user["roles"] for user in (await talk.next())["usersChanged"]}
    async with served.talk(alice) as talk:
        await talk.subscribe(USERS)
        message = await talk.hear()
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        assert errors[0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_system_says_what_is_not_as_it_should_be(served: Served, alice: Account, admin: Account) -> None:
    async with served.talk(admin) as talk:
        await talk.subscribe(SYSTEM)
        states = parts(await talk.next())
        assert states["DATABASE"] == states["REDIS"] == states["LIVE"] == "OK"
        assert (states["COORDINATOR"], states["WORKERS"]) == ("DOWN", "WARNING")
        async with served.platform.database.transaction() as db:
            assert await leaders.try_lead(db, leader.NAME, "host.1.abc", 60_000)
        await served.platform.workers.register("worker_1", {"name": "w", "queues": ["default"], "slots": 4}, [], 60_000)
        event: dict[str, Any] = {}
        while states["COORDINATOR"] != "OK" or states["WORKERS"] != "OK":
            event = await talk.next()
            states = parts(event)
        assert event["systemTicked"]["leader"] == "host.1.abc"
        assert event["systemTicked"]["isHealthy"] is True
    answer = await served.ask(
        alice, "{ system { leader version schemaVersion databaseVersion redisVersion recorderLagSeconds } }"
    )
    found = answer["data"]["system"]
    assert (found["leader"], found["recorderLagSeconds"]) == (None, 0)
    assert found["databaseVersion"].split()[0] in ("SQLite", "PostgreSQL")
    assert found["schemaVersion"].startswith("00")


def parts(event: dict[str, Any]) -> dict[str, str]:
    return {part["name"]: part["state"] for part in event["systemTicked"]["parts"]}


async def test_parts_that_are_away_are_named_and_hold_up_nobody(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: Any) -> Any:
        raise ConnectionRefusedError("redis://user:secret@host")

    monkeypatch.setattr(type(served.platform.broker), "server", gone)
    monkeypatch.setattr(type(served.platform.journal), "lag_ms", gone)
    found = {str(part.name): part for part in (await health.look(served.platform)).parts}
    assert (found["REDIS"].state, found["RECORDER"].state, found["DATABASE"].state) == ("DOWN", "DOWN", "OK")
    assert "secret" not in found["REDIS"].words
