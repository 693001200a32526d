"""Functions in processes of their own: their results, their deaths, and that they can be killed."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.support.working import Shop, collected, until, working
from tests.worker import functions


async def test_results_and_progress_come_back(line: Shop, redis_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    async with working(redis_url, functions.add_in_child) as worker:
        first = (await line.settled(await line.push("add_in_child", {"a": 2**70, "b": 1})))["result"]
        second = (await line.settled(await line.push("add_in_child", {"a": 1, "b": 2})))["result"]
        pids = worker.executors.children.pids
    assert first["sum"] == 2**70 + 1
    assert second["sum"] == 3
    # Kept warm: the second paid for no start. And it is no process of the worker's own.
    assert first["pid"] == second["pid"] != os.getpid()
    assert pids == [first["pid"]]
    assert not psutil.pid_exists(first["pid"])


async def test_wrong_arguments_need_no_process(line: Shop, redis_url: str) -> None:
    async with working(redis_url, functions.add_in_child) as worker:
        settled = await line.settled(await line.push("add_in_child", {"a": "x"}))
        assert worker.executors.children.pids == []
    assert (settled["error"]["type"], "due" in settled) == ("ArgumentError", False)


async def test_a_killed_process_is_a_failed_attempt(line: Shop, redis_url: str, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    async with working(redis_url, functions.hang_in_child):
        task_id = await line.push("hang_in_child", {"path": str(mark)}, max_attempts=2)
        for number in (1, 2):
            await until(lambda: mark.exists() and mark.read_text() != "")
            pid = int(mark.read_text())
            mark.unlink()
            os.kill(pid, signal.SIGKILL)
            settled = await line.settled(task_id, number)
            assert (settled["outcome"], settled["exit"]) == ("FAILED", -signal.SIGKILL)
            assert settled["error"]["type"] == "ProcessDied"
            assert "SIGKILL" in settled["error"]["message"]
            assert ("due" in settled) is (number == 1)


async def test_an_exit_status_is_kept(line: Shop, redis_url: str) -> None:
    async with working(redis_url, functions.exit_in_child, functions.add_in_child):
        settled = await line.settled(await line.push("exit_in_child", {"status": 7}, max_attempts=1))
        after = await line.settled(await line.push("add_in_child", {"a": 1, "b": 1}))
    assert (settled["outcome"], settled["exit"]) == ("FAILED", 7)
    assert after["outcome"] == "SUCCEEDED"


@pytest.mark.parametrize("how", ["cancel", "timeout"])
async def test_stopping_kills_the_process(line: Shop, redis_url: str, tmp_path: Path, how: str) -> None:
    mark = tmp_path / "pid"
    async with working(redis_url, functions.hang_in_child, functions.add_in_child) as worker:
        # A process that is warm already: its start would count.
        await line.settled(await line.push("add_in_child", {"a": 1, "b": 1}))
        timeout_ms = 2_000 if how == "timeout" else None
        args = {"path": str(mark)}
        task_id = await line.push("hang_in_child", args, timeout_ms=timeout_ms, max_attempts=1)
        await until(lambda: mark.exists() and mark.read_text() != "")
        pid = int(mark.read_text())
        if how == "cancel":
            await line.broker.tell("default", worker.worker_id, {"cancel": [task_id]})
        settled = await line.settled(task_id)
        assert not psutil.pid_exists(pid)
    assert settled["outcome"] == ("TIMED_OUT" if how == "timeout" else "CANCELLED")


async def test_errors_come_back_as_they_are(line: Shop, redis_url: str) -> None:
    async with working(redis_url, functions.fail_in_child):
        fatal = await line.settled(await line.push("fail_in_child", {"fatal": True}))
        again = await line.settled(await line.push("fail_in_child", {"fatal": False}, max_attempts=2))
    assert (fatal["error"]["type"], fatal["error"]["message"], "due" in fatal) == ("Fatal", "for good", False)
    assert "in fail_in_child" in fatal["error"]["traceback"]
    assert again["due"] == again["at"] + 1


def test_a_function_inside_another_has_no_place_in_a_process() -> None:
    import rota
    from rota.worker.catalogue import BadTarget

    @rota.function(executor="process")
    def local() -> None: ...

    with pytest.raises(BadTarget, match="function of a module"):
        collected(local)


async def test_what_a_thread_says_after_its_task_is_not_the_next_tasks(line: Shop, redis_url: str) -> None:
    async with working(redis_url, functions.leave_a_thread_in_child, functions.meet_the_thread_in_child):
        await line.settled(await line.push("leave_a_thread_in_child"))
        task_id = await line.push("meet_the_thread_in_child")
        await line.settled(task_id)
    said = [one for one in await line.all_told("said") if one[0] == task_id]
    assert [message for one in said for _, _, message in one[4]] == ["mine"]
    assert not [one for one in await line.all_told("progress") if one[0] == task_id]
