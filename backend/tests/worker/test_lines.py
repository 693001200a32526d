"""What functions say: from wherever they run, in order, before their ending, bounded and never twice."""

import asyncio
import logging
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import rota
from rota.broker.scripts import Broker
from rota.domain.lines import MOST_LINES, Said
from rota.logs import set_up_logs
from rota.settings import load_settings
from rota.worker.lines import LINES_AT_ONCE, LineBook, TaskLogHandler, keep_records, speaking
from tests.support.working import Shop, working
from tests.worker import functions


@pytest.fixture
def kept_records() -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.INFO)
    keep_records()
    keep_records()  # again is as once
    yield
    root.setLevel(level)
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler, TaskLogHandler)]


def test_a_log_level_does_not_keep_lines_from_their_task(
    kept_records: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Heard:
        def log(self, message: str, level: str = "info") -> None:
            heard.append((level, message))

    heard: list[tuple[str, str]] = []
    set_up_logs(load_settings(log_level="warning"), "worker")
    keep_records()
    token = speaking.set(Heard())
    try:
        logging.getLogger("mine").debug("fine")
        logging.getLogger("mine").info("said")
        logging.getLogger("mine").warning("odd")
    finally:
        speaking.reset(token)
    assert heard == [("INFO", "said"), ("WARNING", "odd")]
    shown = capsys.readouterr().err
    assert "odd" in shown
    assert "said" not in shown


async def spoken(line: Shop, task_id: str) -> list[tuple[str, str]]:
    """All that the journal has of a task when it was settled, in order, each line once."""
    await line.settled(task_id)
    found: dict[int, tuple[str, str]] = {}
    for _, _, _, first, lines, _ in [one for one in await line.all_told("said") if one[0] == task_id]:
        for number, (_, level, message) in enumerate(lines, first):
            assert number not in found, "a line came twice"
            found[number] = (level, message)
    assert list(found) == list(range(1, len(found) + 1))
    return list(found.values())


async def test_lines_come_before_the_ending(line: Shop, redis_url: str) -> None:
    async def speaks(ctx: dict[str, Any]) -> None:
        ctx["task"].log("begun")
        await asyncio.sleep(0)
        ctx["task"].log("odd", level="warning")

    async with working(redis_url, speaks):
        task_id = await line.push("speaks")
        assert await spoken(line, task_id) == [("INFO", "begun"), ("WARNING", "odd")]
    kinds = [kind for kind, item in line._told if kind in ("said", "settled")]
    assert kinds == ["said", "settled"]


async def test_threads_and_processes_speak_too(line: Shop, redis_url: str) -> None:
    @rota.function(executor="thread")
    def in_thread(ctx: dict[str, Any]) -> None:
        several = [threading.Thread(target=ctx["task"].log, args=(f"line {n}",)) for n in range(5)]
        for one in several:
            one.start()
        for one in several:
            one.join()

    async with working(redis_url, in_thread, functions.speak_in_child):
        said = await spoken(line, await line.push("in_thread"))
        assert sorted(said) == [("INFO", f"line {n}") for n in range(5)]
        assert await spoken(line, await line.push("speak_in_child", {"count": 2})) == [
            ("ERROR", "line 0"),
            ("ERROR", "line 1"),
            ("WARNING", "from the library's logging"),
        ]


async def test_what_ends_while_lines_are_told_is_not_settled_before_its_own(
    line: Shop, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_begun, goes_on = asyncio.Barrier(2), asyncio.Event()

    async def first(ctx: dict[str, Any]) -> None:
        await both_begun.wait()
        ctx["task"].log("first")

    async def second(ctx: dict[str, Any]) -> None:
        await both_begun.wait()
        await goes_on.wait()
        ctx["task"].log("second")

    async with working(redis_url, first, second) as worker:
        tell, concluded = worker.rounds._tell, worker.rounds.concluded
        ended = asyncio.Event()

        async def tells_and_waits() -> None:
            """By the time it returns the other has ended too, with a line that it did not take."""
            await tell()
            goes_on.set()
            await ended.wait()

        def notes(attempt: Any, *, has_lines: bool) -> None:
            concluded(attempt, has_lines=has_lines)
            if goes_on.is_set():
                ended.set()

        monkeypatch.setattr(worker.rounds, "_tell", tells_and_waits)
        monkeypatch.setattr(worker.rounds, "concluded", notes)
        ids = [await line.push("first"), await line.push("second")]
        assert [await spoken(line, task_id) for task_id in ids] == [[("INFO", "first")], [("INFO", "second")]]
    of_second = [kind for kind, item in line._told if kind in ("said", "settled") and ids[1] in str(item)]
    assert of_second == ["said", "settled"]


async def test_what_is_too_much_is_counted(line: Shop, redis_url: str) -> None:
    async def chatters(ctx: dict[str, Any]) -> None:
        for number in range(MOST_LINES + 7):
            ctx["task"].log(f"{number}")

    async with working(redis_url, chatters, functions.speak_in_child):
        for task_id in (await line.push("chatters"), await line.push("speak_in_child", {"count": MOST_LINES + 6})):
            assert len(await spoken(line, task_id)) == MOST_LINES
            assert [one[5] for one in await line.all_told("said") if one[0] == task_id][-1] == 7


async def test_an_unknown_level_is_the_functions_error(line: Shop, redis_url: str) -> None:
    async def shouts(ctx: dict[str, Any]) -> None:
        ctx["task"].log("hey", level="loud")

    async with working(redis_url, shouts):
        settled = await line.settled(await line.push("shouts", max_attempts=1))
    assert settled["error"]["type"] == "ValueError"
    assert "one of debug, info, warning, error" in settled["error"]["message"]


@pytest.mark.usefixtures("kept_records")
async def test_records_of_the_standard_library_are_kept(line: Shop, redis_url: str) -> None:
    library = logging.getLogger("some.library")

    async def asks(ctx: dict[str, Any]) -> None:
        library.info("asked %s", "twice")
        library.debug("not this")
        logging.getLogger("rota.worker.attempt").warning("Rota's own")
        try:
            os.environ["GONE_FOR_GOOD"]
        except KeyError:
            library.exception("failed")

    @rota.function(executor="thread")
    def waits() -> None:
        library.warning("in a thread")

    async with working(redis_url, asks, waits):
        library.warning("outside of any attempt")
        asked, failed = await spoken(line, await line.push("asks"))
        assert asked == ("INFO", "asked twice")
        assert failed[0] == "ERROR"
        assert failed[1].startswith("failed\nTraceback")
        assert failed[1].endswith("KeyError: 'GONE_FOR_GOOD'")
        assert await spoken(line, await line.push("waits")) == [("WARNING", "in a thread")]
    assert speaking.get() is None


async def test_lines_whose_reply_was_lost_are_told_again(
    line: Shop, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = Broker.progress
    lost: list[Any] = []

    async def drops_answers(self: Broker, *args: Any) -> None:
        await tell(self, *args)
        if len(lost) < 2:
            lost.append(args)
            raise ConnectionError("the reply was lost")

    monkeypatch.setattr(Broker, "progress", drops_answers)

    async def speaks(ctx: dict[str, Any]) -> None:
        ctx["task"].log("once")

    async with working(redis_url, speaks):
        task_id = await line.push("speaks")
        await line.settled(task_id)
    told = [one for one in await line.all_told("said") if one[0] == task_id]
    # The same number each time: the recorder knows it for the same line.
    assert [(first, [message for _, _, message in lines]) for _, _, _, first, lines, _ in told] == [(1, ["once"])] * 3


def test_a_book_gives_again_what_is_not_known_to_have_come() -> None:
    book = LineBook()
    assert book.take() is None
    assert book.add(Said(1, "INFO", "0"))
    assert not book.add(Said(1, "INFO", "1"))
    again = book.take()
    assert book.take() == again == (1, [Said(1, "INFO", "0"), Said(1, "INFO", "1")], 0)
    assert not book.add(Said(1, "INFO", "2"))  # while the others are on their way
    book.told(0)
    assert book.take() == (3, [Said(1, "INFO", "2")], 0)
    book.told(0)
    assert book.is_told
    assert book.count_left_out(5)
    assert not book.count_left_out(5)
    assert book.take() == (4, [], 5)
    book.told(5)
    assert book.take() is None
    for number in range(LINES_AT_ONCE + 1):
        book.add(Said(1, "INFO", str(number)))
    taken = book.take()
    assert taken is not None
    assert len(taken[1]) == LINES_AT_ONCE
