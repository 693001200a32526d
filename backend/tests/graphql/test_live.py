"""Subscriptions over a real connection: what they tell, to whom, when they end, and that like ones are executed once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rota.domain.access import Role
from rota.domain.events import Change
from rota.operations import queues, tasks
from rota.store import workers
from rota.web.shared import Runner
from tests.support.rota import settings_for
from tests.support.web import Account, Served, open_served, told_of_all

TASK = "subscription ($id: ID!) { taskChanged(id: $id) { id status version } }"
CHANGES = "subscription ($f: TaskFilter, $a: String) { tasksChanged(filter: $f, after: $a) { tasks { id status } cursor isReset } }"
OWN = "subscription { tasksChanged(filter: { ownedByMe: true }) { tasks { id status } cursor isReset } }"
METRICS = "subscription { metricsTicked { at activeWorkers } }"


@pytest.fixture
async def served(sqlite_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with open_served(settings_for(sqlite_url, redis_url, tmp_path, port=0)) as served:
        yield served


def tell(served: Served, *found: Any, **lists: bool) -> None:
    served.platform.announcer.tell(Change(tuple(task.id for task in found), **lists))


async def test_a_task_is_told_now_and_after_each_change_until_it_ends(served: Served, alice: Account) -> None:
    (task,) = await served.submit(by=alice.viewer)
    async with served.talk(alice) as talk:
        await talk.subscribe(TASK, id=task.id)
        assert (await talk.next())["taskChanged"]["status"] == "QUEUED"
        tell(served, task)  # nothing changed: nothing is told
        claim = await served.rota.claim()
        await served.rota.record()
        running = (await talk.next())["taskChanged"]
        assert running["status"] == "RUNNING"
        await served.rota.settle(claim)
        await served.rota.record()
        ended = (await talk.next())["taskChanged"]
        assert ended["status"] == "SUCCEEDED"
        assert ended["version"] > running["version"]
        assert (await talk.hear()) == {"id": "1", "type": "complete"}
        await talk.subscribe(TASK, id=task.id)
        assert (await talk.next())["taskChanged"]["status"] == "SUCCEEDED"
        assert (await talk.hear())["type"] == "complete"
    await served.settled(watching=0)


async def test_a_task_that_is_followed_is_told_when_it_is_retried(served: Served, alice: Account) -> None:
    (task,) = await served.submit(by=alice.viewer)
    async with served.talk(alice) as talk:
        await talk.subscribe("subscription ($id: ID!) { taskChanged(id: $id, follow: true) { status } }", id=task.id)
        assert (await talk.next())["taskChanged"]["status"] == "QUEUED"
        for mutation, status in (("cancelTask", "CANCELLED"), ("retryTask", "QUEUED"), ("cancelTask", "CANCELLED")):
            await served.ask(
                alice, f"mutation ($id: ID!) {{ {mutation}(id: $id) {{ errors {{ code }} }} }}", id=task.id
            )
            assert (await talk.next())["taskChanged"]["status"] == status
    await served.settled(watching=0)


async def test_a_foreign_task_is_like_none(served: Served, alice: Account, admin: Account) -> None:
    (task,) = await served.submit(by=admin.viewer)
    async with served.talk(alice) as talk:
        messages = []
        for task_id in (task.id, "task_01h455vb4pex5vsknk084sn02q"):
            await talk.subscribe(TASK, id=task_id)
            message = await talk.hear()
            (error,) = message["payload"]["errors"]
            assert error["extensions"]["code"] == "NOT_FOUND"
            messages.append(error["message"].replace(task_id, "X"))
            assert (await talk.hear())["type"] == "complete"
        assert messages[0] == messages[1]
        await talk.subscribe(TASK, id="nothing")
        assert (await talk.hear())["payload"]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_each_hears_of_what_it_may_see(served: Served, alice: Account, admin: Account) -> None:
    (hers,) = await served.submit(by=alice.viewer)
    (his,) = await served.submit(by=admin.viewer)
    async with served.talk(alice) as talk, served.talk(admin) as other:
        await talk.subscribe(CHANGES)
        await other.subscribe(CHANGES)
        await served.settled(watching=2)
        tell(served, his, hers)
        assert [task["id"] for task in (await talk.next())["tasksChanged"]["tasks"]] == [hers.id]
        seen = {task["id"] for task in (await other.next())["tasksChanged"]["tasks"]}
        assert seen == {hers.id, his.id}


async def test_clients_share_nothing_and_stay_who_they_are(served: Served, alice: Account) -> None:
    bob = await served.account()
    asked = "subscription { tasksChanged { tasks { id viewerMayChange } } }"
    tasks = {who: await served.submit(by=who.viewer) for who in (alice, bob)}
    async with served.talk(alice) as one, served.talk(bob) as two:
        for talk in (one, two):
            await talk.subscribe(asked)
        await served.settled(watching=2)
        assert await served.metric("rota_subscriptions_executed") == 2
        for _ in range(3):
            tell(served, *tasks[alice], *tasks[bob])
            for talk, who in ((one, alice), (two, bob)):
                seen = (await talk.next())["tasksChanged"]["tasks"]
                assert seen == [{"id": tasks[who][0].id, "viewerMayChange": True}]


async def test_a_filter_looks_at_what_never_changes(served: Served, alice: Account, admin: Account) -> None:
    (tagged,) = await served.submit(by=alice.viewer, tags=("red", "blue"), title="Sums of March")
    (plain,) = await served.submit(by=alice.viewer, priority=1)
    (his,) = await served.submit(by=admin.viewer)
    cases: list[tuple[dict[str, Any], list[Any]]] = [
        ({"tag": ["red"]}, [tagged]),
        ({"search": "of MARCH"}, [tagged]),
        ({"search": plain.id}, [plain]),
        ({"queue": ["other"]}, []),
        ({"function": ["multiply"], "tag": ["blue", "green"]}, [tagged]),
        ({"ownedByMe": True}, [his]),
        ({"createdAfter": "2999-01-01T00:00:00Z"}, []),
        # A list of what runs must hear of what has just stopped running.
        ({"status": ["RUNNING"], "priorityAtLeast": 9, "hasDeadline": True}, [tagged, plain, his]),
    ]
    async with served.talk(admin) as talk:
        for number, (wanted, _) in enumerate(cases):
            await talk.subscribe(CHANGES, str(number), f=wanted)
        await served.settled(watching=len(cases))
        tell(served, tagged, plain, his)
        heard: dict[str, set[str]] = {}
        while len(heard) < sum(bool(found) for _, found in cases):
            message = await talk.hear()
            heard[message["id"]] = {task["id"] for task in message["payload"]["data"]["tasksChanged"]["tasks"]}
    assert heard == {str(number): {task.id for task in found} for number, (_, found) in enumerate(cases) if found}


async def test_who_wants_only_what_matches_hears_of_nothing_else(served: Served, alice: Account) -> None:
    urgent, plain = await served.submit(by=alice.viewer, priority=9), await served.submit(by=alice.viewer, priority=5)
    asked = CHANGES.replace("after: $a", "after: $a, onlyMatching: true")
    cases: list[tuple[dict[str, Any], list[Any]]] = [
        ({"status": ["CANCELLED"]}, [plain[0]]),
        ({"status": ["QUEUED", "RUNNING"]}, [urgent[0]]),
        ({"priority": [5, 6]}, [plain[0]]),
        ({"priorityAtLeast": 9}, [urgent[0]]),
        ({"workerId": "worker_01h455vb4pex5vsknk084sn02q"}, []),
        ({"hasDeadline": True}, []),
        ({"hasDeadline": False}, [urgent[0], plain[0]]),
        ({"status": ["CANCELLED"], "queue": ["other"]}, []),
    ]
    await tasks.cancel(served.platform, alice.viewer, plain[0].id)
    listed = "query ($f: TaskFilter) { tasks(filter: $f) { nodes { id } } }"
    async with served.talk(alice) as talk:
        for number, (wanted, found) in enumerate(cases):
            # The list of the same filter has the same tasks.
            nodes = (await served.ask(alice, listed, f=wanted))["data"]["tasks"]["nodes"]
            assert {node["id"] for node in nodes} == {task.id for task in found}
            await talk.subscribe(asked, str(number), f=wanted)
        await served.settled(watching=len(cases))
        tell(served, *urgent, *plain)
        expected = {str(number): {task.id for task in found} for number, (_, found) in enumerate(cases)}
        heard: dict[str, set[str]] = {name: set() for name in expected}
        while heard != expected:
            message = await talk.hear()
            told = {task["id"] for task in message["payload"]["data"]["tasksChanged"]["tasks"]}
            assert told
            assert told <= expected[message["id"]]
            heard[message["id"]] |= told
        # It matches no more: that is not told, the next that matches is.
        await tasks.retry(served.platform, alice.viewer, plain[0].id)
        (other,) = await served.submit(by=alice.viewer)
        await tasks.cancel(served.platform, alice.viewer, other.id)
        told = {plain[0].id}
        while other.id not in told:
            message = await talk.hear()
            if message["id"] == "0":
                changed = message["payload"]["data"]["tasksChanged"]["tasks"]
                assert {task["status"] for task in changed} == {"CANCELLED"}
                told = {task["id"] for task in changed}


async def test_a_client_that_comes_back_goes_on_from_its_cursor(served: Served, alice: Account) -> None:
    first, missed, last = await served.submit(3, by=alice.viewer)
    async with served.talk(alice) as talk:
        await talk.subscribe(CHANGES)
        await served.settled(watching=1)
        tell(served, first)
        cursor = (await talk.next())["tasksChanged"]["cursor"]
    await served.settled(watching=0)
    await served.platform.changes.announce(Change((missed.id,)))
    async with served.talk(alice) as talk:
        await talk.subscribe(CHANGES, a=cursor)
        heard = (await talk.next())["tasksChanged"]
        assert [task["id"] for task in heard["tasks"]] == [missed.id]
        tell(served, last)
        heard = (await talk.next())["tasksChanged"]
        assert [task["id"] for task in heard["tasks"]] == [last.id]
        await talk.subscribe(CHANGES, "2", a="1.1-1")
        assert (await talk.next())["tasksChanged"] == {"tasks": [], "cursor": heard["cursor"], "isReset": True}
        await talk.subscribe(CHANGES, "3", a="yesterday")
        assert (await talk.hear())["payload"]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_what_changes_between_a_list_and_its_subscription_is_told(served: Served, alice: Account) -> None:
    [listed] = await served.submit(by=alice.viewer)
    answer = (await served.ask(alice, "{ tasks(first: 5) { nodes { id } } liveCursor }"))["data"]
    assert [one["id"] for one in answer["tasks"]["nodes"]] == [listed.id]
    [between] = await served.submit(by=alice.viewer)
    await served.platform.submission.drain()
    await told_of_all(served.platform, served.hub)
    async with served.talk(alice) as talk:
        await talk.subscribe(CHANGES, a=answer["liveCursor"])
        # The first is told of again where it was announced only after it had been read.
        told = [task["id"] for task in (await talk.next())["tasksChanged"]["tasks"]]
        assert told[-1] == between.id
        assert set(told) <= {listed.id, between.id}


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The events that have been executed."""
    found: list[Any] = []
    event = Runner._event

    async def counted(self: Runner, asked: Any, caller: Any, happened: Any) -> Any:
        found.append(happened)
        return await event(self, asked, caller, happened)

    monkeypatch.setattr(Runner, "_event", counted)
    return found


async def test_like_subscriptions_are_executed_once(
    served: Served, alice: Account, admin: Account, executed: list[Any]
) -> None:
    (task,) = await served.submit(by=alice.viewer)
    async with served.talk(alice) as one, served.talk(alice) as two, served.talk(admin) as other:
        for talk in (one, two, other):
            await talk.subscribe(CHANGES)
        await one.subscribe(CHANGES, "2")
        await two.subscribe(CHANGES, "3", f={"queue": ["default"]})
        await served.settled(watching=5)
        assert await served.metric("rota_subscriptions") == 5
        assert await served.metric("rota_subscriptions_executed") == 3
        tell(served, task)
        heard = [await talk.hear() for talk in (one, one, two, two, other)]
    assert {message["payload"]["data"]["tasksChanged"]["tasks"][0]["id"] for message in heard} == {task.id}
    assert len(executed) == 3


async def test_who_comes_back_with_any_cursor_shares_what_comes_from_there_on(
    served: Served, alice: Account, executed: list[Any]
) -> None:
    tasks = await served.submit(4, by=alice.viewer)
    cursors = []
    async with served.talk(alice) as talk:
        await talk.subscribe(CHANGES)
        await served.settled(watching=1)
        for task in tasks[:2]:
            tell(served, task)
            cursors.append((await talk.next())["tasksChanged"]["cursor"])
    await served.settled(watching=0)
    executed.clear()
    async with served.talk(alice) as one, served.talk(alice) as two:
        await one.subscribe(CHANGES, a=cursors[0])
        assert [task["id"] for task in (await one.next())["tasksChanged"]["tasks"]] == [tasks[1].id]
        await two.subscribe(CHANGES, a=cursors[1])
        await served.settled(watching=2)
        for task in tasks[2:]:
            tell(served, task)
            for talk in (one, two):
                assert [told["id"] for told in (await talk.next())["tasksChanged"]["tasks"]] == [task.id]
        await served.settled(watching=1)
        assert await served.metric("rota_subscriptions_executed") == 1
    assert len(executed) == 3


async def test_administrators_are_told_from_one_execution_and_of_their_own_alone(
    served: Served, alice: Account, admin: Account, executed: list[Any]
) -> None:
    other = await served.account(Role.CLIENT, Role.ADMIN)
    of_alice, of_other = [*await served.submit(by=alice.viewer), *await served.submit(by=other.viewer)]
    async with served.talk(admin) as one, served.talk(other) as two:
        for talk in (one, two):
            await talk.subscribe(CHANGES)
            await talk.subscribe(CHANGES, "own", f={"ownedByMe": True})
            await talk.subscribe(OWN, "written")
        await served.settled(watching=6)
        assert await served.metric("rota_subscriptions_executed") == 5
        executed.clear()
        tell(served, of_alice, of_other)
        found = {task.id for task in (of_alice, of_other)}
        assert {task["id"] for task in (await one.next())["tasksChanged"]["tasks"]} == found
        heard = {}
        for _ in range(3):
            message = await two.hear()
            tasks = message["payload"]["data"]["tasksChanged"]["tasks"]
            heard[message["id"]] = {task["id"] for task in tasks}
        assert heard == {"1": found, "own": {of_other.id}, "written": {of_other.id}}
    assert len(executed) == 3


async def test_all_look_at_one_system(served: Served, alice: Account, executed: list[Any]) -> None:
    async with served.talk(alice) as one, served.talk(alice) as two:
        for talk in (one, two):
            await talk.subscribe("subscription { systemTicked { at } }")
        told = await two.next()
        while await one.next() != told:
            pass
    looks = [event.at for event in executed]
    assert len(looks) == len(set(looks))


async def test_all_hear_the_same_numbers(served: Served, alice: Account, admin: Account) -> None:
    async with served.talk(alice) as one, served.talk(admin) as two:
        await one.subscribe(METRICS)
        await one.next()
        await two.subscribe(METRICS)
        first, second = await asyncio.gather(one.next(), two.next())
        while first["metricsTicked"]["at"] < second["metricsTicked"]["at"]:
            first = await one.next()
        assert first == second


async def test_queues_and_workers_are_told_now_and_when_they_change(served: Served, admin: Account) -> None:
    async with served.talk(admin) as talk:
        await talk.subscribe("subscription { queuesChanged { name isPaused depth } }", "q")
        assert (await talk.next())["queuesChanged"] == [{"name": "default", "isPaused": False, "depth": 0}]
        await queues.set_paused(served.platform, admin.viewer, "default", True)
        assert (await talk.next())["queuesChanged"] == [{"name": "default", "isPaused": True, "depth": 0}]
        (task,) = await served.submit(by=admin.viewer)
        tell(served, task)
        assert (await talk.next())["queuesChanged"][0]["depth"] == 1
        await talk.say(id="q", type="complete")
        await talk.subscribe("subscription { workersChanged { name status } }", "w")
        assert (await talk.next())["workersChanged"] == []
        async with served.platform.database.transaction() as db:
            await workers.save(db, [_worker(served.platform.clock.now_ms())])
        tell(served, workers=True)
        assert (await talk.next())["workersChanged"] == [{"name": "w", "status": "ONLINE"}]


async def test_a_cancelled_task_is_told_at_once(served: Served, alice: Account) -> None:
    (task,) = await served.submit(by=alice.viewer)
    async with served.talk(alice) as talk:
        await talk.subscribe(CHANGES, f={"status": ["QUEUED"]})
        await served.settled(watching=1)
        await tasks.cancel(served.platform, alice.viewer, task.id)
        (told,) = (await talk.next())["tasksChanged"]["tasks"]
        assert told == {"id": task.id, "status": "CANCELLED"}


async def test_a_task_is_told_of_when_another_comes_to_wait_for_it(served: Served, alice: Account) -> None:
    (task,) = await served.submit(by=alice.viewer)
    told = "subscription ($f: TaskFilter) { tasksChanged(filter: $f) { tasks { id dependents { title } } } }"
    async with served.talk(alice) as talk:
        await talk.subscribe(told, f={"search": task.id})
        await served.settled(watching=1)
        await served.submit(by=alice.viewer, title="after it", depends_on=(task.id,))
        changed = (await talk.next())["tasksChanged"]["tasks"]
        assert changed == [{"id": task.id, "dependents": [{"title": "after it"}]}]


def _worker(at: int) -> dict[str, Any]:
    return {
        "id": "worker_01h455vb4pex5vsknk084sn02q",
        "name": "w",
        "kind": "POOL",
        "status": "ONLINE",
        "queues": '["default"]',
        "slots": 1,
        "running_count": 0,
        "stealing": True,
        "is_stuck": False,
        "pool": None,
        "host": "h",
        "pid": 1,
        "started_at": at,
        "heartbeat_at": at,
        "ended_at": None,
    }
