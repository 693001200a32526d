"""Moving, finding, telling, and the rule that every script has its method."""

import inspect
from importlib import resources

import pytest

from rota.broker import changes, knocks, loading, scripts, workers
from rota.broker.keys import QUEUE_KEYS, WORKER_KEYS, Keys
from tests.support.broker import Line, ids_of, push

SCRIPTS = loading.load_scripts()


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_every_script_has_its_contract_and_its_method(name: str) -> None:
    text = (resources.files("rota.broker") / "lua" / f"{name}.lua").read_text()
    for part in ("-- KEYS: ", "-- ARGV: ", "-- Returns: "):
        assert part in text
    owner = next(cls for cls in (scripts.Broker, workers.Workers, changes.Changes, knocks.Knocks) if hasattr(cls, name))
    method = getattr(owner, name)
    assert inspect.iscoroutinefunction(method)
    assert all(note is not inspect.Parameter.empty for note in inspect.get_annotations(method).values())
    known = {"announce": {"stream", "epoch"}, "knock": {"knocks"}}.get(name, {*QUEUE_KEYS, *WORKER_KEYS})
    assert set(SCRIPTS[name].keys) <= known


def test_every_script_is_found() -> None:
    files = {file.name for file in (resources.files("rota.broker") / "lua").iterdir()}
    assert {f"{name}.lua" for name in SCRIPTS} == {name for name in files if not name.startswith("_")}
    assert len(SCRIPTS) > 15


def test_keys_of_a_queue_share_one_hash_tag() -> None:
    keys = Keys("rota")
    assert keys.queue("mail", "ready") == "rota:{mail}:ready"
    assert keys.wake("mail", "worker_1") == "rota:{mail}:wake:worker_1"
    assert keys.workers("info") == "rota:{_workers}:info"


async def test_a_waiting_task_is_moved_in_line(line: Line) -> None:
    await line.push(push("task_a", 1), push("task_b", 2))
    assert await line.broker.move(line.queue, push("task_b", 0)._replace(payload=b'{"new":1}'))
    claim = await line.claim(2)
    assert ids_of(claim) == ["task_b", "task_a"]
    assert claim.tasks[0].payload == b'{"new":1}'


async def test_a_task_is_moved_into_the_future_and_back(line: Line) -> None:
    soon = await line.now() + 60_000
    await line.push(push("task_a"))
    assert await line.broker.move(line.queue, push("task_a", 5, due_at=soon, deadline_at=soon + 1))
    assert (await line.claim(1)).next_due_at == soon
    assert await line.redis.zscore(line.key("deadlines"), "task_a") == soon + 1
    assert await line.broker.move(line.queue, push("task_a", 6))
    assert await line.wakes("w1") == [""]
    assert await line.redis.zscore(line.key("deadlines"), "task_a") is None
    assert ids_of(await line.claim(1)) == ["task_a"]
    assert await line.left_over() == {"tasks": 1, "running": 1, "leases": 1}


async def test_what_does_not_wait_is_not_moved(line: Line) -> None:
    await line.push(push("task_a"))
    await line.claim(1)
    assert not await line.broker.move(line.queue, push("task_a"))
    assert not await line.broker.move(line.queue, push("task_x"))
    assert await line.left_over() == {"tasks": 1, "running": 1, "leases": 1}


async def test_missing_tells_what_is_not_held_and_where_the_journal_stands(line: Line) -> None:
    assert await line.broker.missing(line.queue, ["task_a"]) == (["task_a"], "", "")
    await line.push(push("task_a"), push("task_b"))
    await line.claim(1)
    missing = await line.broker.missing(line.queue, ["task_a", "task_x", "task_b"])
    batch = (await line.journal.read({line.queue: ""}, 1, 10))[0]
    assert missing == (["task_x"], batch.entries[-1].id, batch.epoch)


async def test_a_scan_finds_all_that_is_held(line: Line) -> None:
    tasks = [push() for _ in range(700)]
    await line.push(*tasks)
    found: list[str] = []
    cursor = -1
    while cursor:
        cursor, some = await line.broker.scan(line.queue, max(cursor, 0), 50)
        found += some
    assert set(found) == {task.id for task in tasks}


async def test_a_command_waits_in_the_workers_list_for_a_while(line: Line) -> None:
    await line.broker.tell(line.queue, "w1", {"state": "DRAINING"})
    assert 0 < await line.redis.pttl(line.broker.keys.wake(line.queue, "w1")) <= 60_000
    assert await line.wakes("w1") == ['{"state":"DRAINING"}']


async def test_progress_is_journalled(line: Line) -> None:
    await line.broker.progress(line.queue, "w1", [["task_a", 1, 7, 0.5, "half"], ["task_b", 1, 7, None, None]])
    assert await line.told() == [("progress", [["task_a", 1, 7, 0.5, "half"], ["task_b", 1, 7, None, None]])]


async def test_a_worker_that_left_is_forgotten(line: Line) -> None:
    await line.push(push())
    await line.settle(await line.claim(1, has=["multiply"]))
    await line.claim(1)
    await line.broker.tell(line.queue, "w1", {})
    await line.broker.forget(line.queue, "w1")
    for name in ("idle", "claims", "settles", "offers"):
        assert await line.redis.exists(line.key(name)) == 0
    assert await line.wakes("w1") == []
