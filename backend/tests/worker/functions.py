"""Functions that must be in a module: those that run in a process of their own, and a settings class of arq."""

import logging
import os
import threading
import time
from datetime import UTC, datetime
from typing import Any

import arq
from arq.cron import cron

import rota


@rota.function(executor="process", max_attempts=2)
def add_in_child(ctx: dict[str, Any], a: int, b: int) -> dict[str, int]:
    ctx["task"].progress(0.5, "half")
    print("a function may print")
    return {"sum": a + b, "pid": os.getpid()}


@rota.function(executor="process")
def hang_in_child(path: str) -> None:
    with open(path, "w") as file:  # noqa: PTH123
        file.write(str(os.getpid()))
    time.sleep(600)


@rota.function(executor="process", max_attempts=1)
def exit_in_child(status: int) -> None:
    os._exit(status)


@rota.function(executor="process")
def fail_in_child(fatal: bool) -> None:
    if fatal:
        raise rota.Fatal("for good")
    raise arq.Retry(defer=0.001)


_AFTER = threading.Event()


@rota.function(executor="process")
def leave_a_thread_in_child(ctx: dict[str, Any]) -> None:
    def speak() -> None:
        _AFTER.wait()
        ctx["task"].log("too late")
        ctx["task"].progress(0.1)

    threading.Thread(target=speak, name="left").start()


@rota.function(executor="process")
def meet_the_thread_in_child(ctx: dict[str, Any]) -> None:
    ctx["task"].log("mine")
    _AFTER.set()
    for thread in threading.enumerate():
        if thread.name == "left":
            thread.join()


async def plain(ctx: dict[str, Any], a: int, b: int = 2) -> Any:
    age = datetime.now(UTC) - ctx["enqueue_time"]
    return {
        "sum": a + b,
        "shared": ctx["shared"],
        "try": ctx["job_try"],
        "id": ctx["job_id"],
        "age_s": age.total_seconds(),
    }


async def enqueues(ctx: dict[str, Any]) -> str:
    job = await ctx["redis"].enqueue_job("plain", 1, 5, _defer_by=3)
    return str(job.job_id)


async def tick(ctx: dict[str, Any]) -> None:
    return None


async def prepare(ctx: dict[str, Any]) -> None:
    ctx["shared"] = "prepared"
    ctx["events"] = []


class Base:
    max_jobs = 7


class WorkerSettings(Base):
    functions = [plain, arq.func(enqueues, name="renamed", timeout=5, max_tries=2)]
    cron_jobs = [cron(tick, second=set(range(60)), microsecond=0)]
    on_startup = prepare
    job_timeout = 60
    queue_name = "arq:queue"
    keep_result = 7
    poll_delay = 0.1


@rota.function(executor="process")
def speak_in_child(ctx: dict[str, Any], count: int) -> None:
    for number in range(count):
        ctx["task"].log(f"line {number}", level="error")
    logging.getLogger("some.library").warning("from the library's logging")
