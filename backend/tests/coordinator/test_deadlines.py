"""What waits for other tasks ends at its deadline too, though Redis does not know of it."""

from typing import Any

import pytest

from rota import jsontext
from rota.coordinator import deadlines
from rota.operations import tasks as operations
from rota.store import tasks
from tests.support.rota import ADMIN, Rota


async def blocked(rota: Rota, need: str, **wish: Any) -> str:
    """A task that waits for another and has 10 s."""
    wish = {"deadline_at": rota.clock.now_ms() + 10_000, **wish}
    return (await rota.submit(depends_on=(need,), **wish))[0].id


async def test_what_waits_for_others_past_its_deadline_expires_with_what_depends_on_it(rota: Rota) -> None:
    (need,) = await rota.submit()
    late = [await blocked(rota, need.id, on_deadline=how) for how in ("CANCEL", "FINISH_LATE")]
    patient = await blocked(rota, need.id, deadline_at=None)
    (after,) = await rota.submit(depends_on=(late[0], patient))
    assert await deadlines.expire(rota.platform) == 0
    rota.clock.ahead_ms = 10_001
    assert await deadlines.expire(rota.platform) == 2
    for task_id in late:
        task = await rota.task(task_id)
        assert (task.status, task.is_late, task.started_at) == ("EXPIRED", True, None)
        assert jsontext.loads(task.error or "")["message"] == "Its deadline passed before it was started."
    assert await rota.status(after.id) == "CANCELLED"
    assert await rota.status(patient) == "BLOCKED"
    assert await deadlines.expire(rota.platform) == 0
    await rota.wait_announced(after.id)
    await rota.run()
    assert [await rota.status(task_id) for task_id in (*late, patient)] == ["EXPIRED", "EXPIRED", "QUEUED"]
    await rota.check_counters()


async def test_who_is_given_more_time_or_goes_on_meanwhile_does_not_expire(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = await rota.submit(2)
    moved, ready = [await blocked(rota, need.id) for need in needs]
    look = tasks.blocked_past

    async def then_they_change(*args: Any) -> list[str]:
        found = await look(*args)
        rota.clock.ahead_ms = 0
        later = rota.clock.now_ms() + 60_000
        await operations.reschedule(rota.platform, ADMIN, moved, deadline_at=later)
        claim = await rota.claim(2)
        await rota.settle_one(claim, [task.id for task in claim.tasks].index(needs[1].id))
        await rota.record()
        return found

    monkeypatch.setattr(tasks, "blocked_past", then_they_change)
    rota.clock.ahead_ms = 10_001
    assert await deadlines.expire(rota.platform) == 2
    assert [await rota.status(task_id) for task_id in (moved, ready)] == ["BLOCKED", "QUEUED"]
