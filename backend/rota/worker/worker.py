"""The worker: arq's registry, context, hooks, cron and signals, with claims and settlements in batches."""

import asyncio
import contextlib
import functools
from collections.abc import Sequence
from dataclasses import replace
from signal import Signals
from typing import Any

from arq.worker import Function
from arq.worker import Worker as ArqWorker

from rota import ids
from rota.broker.client import REDIS_GONE, connect
from rota.broker.scripts import Broker, Held, Settlement
from rota.broker.values import functions_text
from rota.domain.lines import Said
from rota.domain.states import AttemptOutcome
from rota.logs import get_logger
from rota.settings import Settings
from rota.worker import attempt as steps
from rota.worker.attempt import Attempt
from rota.worker.catalogue import Entry, catalogue_hash, offers
from rota.worker.cron import run_cron
from rota.worker.enqueue import TaskRedis
from rota.worker.executors import Executors
from rota.worker.heart import PULSE_S, Heard, Heart, end_this_process
from rota.worker.holding import Holding
from rota.worker.identity import Identity, default_name
from rota.worker.line import Line
from rota.worker.progress import ProgressBoard
from rota.worker.rounds import DRAINING, FAREWELL_S, ONLINE, PAUSED, Rounds
from rota.worker.stuck import last_words
from rota.worker.targets import Collected
from rota.worker.waiter import Waiter

log = get_logger(__name__)

# For cleaning up and for settling what is given back; Redis may be away just then.
LAST_WORDS_S = steps.CLEANUP_S + 2.0


class Worker(ArqWorker):
    """Takes tasks of its queues and runs them. Build it in a running loop, then `async_run`, then `close`."""

    def __init__(
        self,
        settings: Settings,
        collected: Collected,
        *,
        queues: Sequence[str] = (),
        worker_id: str | None = None,
        name: str | None = None,
        pool: str | None = None,
        stealing: bool = True,
        handle_signals: bool = True,
    ) -> None:
        self.catalogue = collected.catalogue
        wanted = tuple(dict.fromkeys(queues)) or tuple(collected.queues)
        slots = settings.slots if "slots" in settings.model_fields_set else collected.slots or settings.slots
        self._drain_s = settings.drain_seconds if collected.drain_s is None else collected.drain_s
        self._client = connect(settings.redis_url, single_connection_client=True)
        # Every argument is given: arq's own reading of a settings class drops what it does not know in silence.
        super().__init__(
            functions=[_arq_function(entry) for entry in self.catalogue.values()],
            queue_name=wanted[0],
            redis_pool=TaskRedis.connected(settings.redis_url, settings.namespace, self.catalogue),
            max_jobs=slots,
            handle_signals=handle_signals,
            **collected.options,
        )
        self.cron_jobs = collected.cron_jobs
        self.identity = Identity(
            name or default_name(),
            wanted,
            slots,
            catalogue_hash(self.catalogue),
            worker_id or ids.new_id(ids.WORKER),
            pool=pool,
            stealing=stealing,
        )
        self.worker_id = self.identity.id
        self.broker = Broker(self._client, settings.namespace)
        self.lines = {
            queue: Line(
                self.broker,
                queue,
                self.worker_id,
                settings.lease_ms,
                slots=slots,
                is_stealing=stealing,
                functions=functions_text(self.catalogue),
            )
            for queue in wanted
        }
        self._lease_s = settings.lease_ms / 1000
        self.executors = Executors(self.loop)
        self._board = ProgressBoard(self.broker, self.worker_id, self.loop)
        self._heart = Heart(
            settings.redis_url,
            settings.namespace,
            self.worker_id,
            self,
            self._heard_in_thread,
            self._heart_failed_in_thread,
            heartbeat_ms=settings.heartbeat_ms,
            lease_ms=settings.lease_ms,
            end=end_this_process if settings.end_stuck else None,
        )
        self.holding = Holding(self, self.loop, slots)
        self.rounds = Rounds(
            self.lines,
            self.holding,
            self.loop,
            slots=slots,
            lease_ms=settings.lease_ms,
            tell=self._board.send,
            on_settled=self._settled,
            on_back=self._heart.beat_soon,
        )
        self._waiter = Waiter(
            settings.redis_url,
            self.broker.keys,
            wanted,
            self.worker_id,
            self.rounds.wake,
            self.rounds.handed,
            self._on_command,
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self._helpers: list[asyncio.Future[None]] = []
        self._heart_failed: asyncio.Future[None] = self.loop.create_future()
        self._is_signalled = False

    # Its life

    async def main(self) -> None:
        """Works until it is drained. Raises what `on_startup` raises."""
        self.ctx["redis"] = self.pool
        if self.on_startup:
            await self.on_startup(self.ctx)
        cron = run_cron(self.cron_jobs, self._tasks_redis, self._queues_of_cron(), self.timezone)
        self._helpers = [self.loop.create_task(one) for one in (self._waiter.run(), self._pulse(), cron)]
        self._helpers.append(self._heart_failed)
        for helper in self._helpers:
            helper.add_done_callback(self._helper_ended)
        self._heart.start()
        log.info("worker started", worker=self.identity.name, queues=list(self.lines), functions=len(self.catalogue))
        try:
            await self.rounds.run(self._check_helpers)
        finally:
            await self._leave()
        log.info("worker ended", succeeded=self.jobs_complete, failed=self.jobs_failed, retried=self.jobs_retried)

    def _queues_of_cron(self) -> dict[str, str]:
        """Where each job's tasks go: its function's queue, or where this worker takes from no such, the worker's own."""
        mine = self.identity.queues
        named = {job.name: self.catalogue[job.name].queue for job in self.cron_jobs}
        return {name: queue if queue in mine else mine[0] for name, queue in named.items()}

    async def close(self) -> None:
        """Calls `on_shutdown` and closes what is open."""
        if self.on_shutdown:
            await self.on_shutdown(self.ctx)
        await self._client.aclose()
        if self._pool is not None:
            await self.pool.aclose(close_connection_pool=True)
            self._pool = None

    def drain(self, within_s: float | None = None) -> None:
        """Claims no more; ends when all that runs has ended. After `within_s` what still runs is given back."""
        if self.status != DRAINING:
            log.info("worker drains", running=self.holding.busy)
            self._take(DRAINING)
        if within_s is not None:
            self.loop.call_later(within_s, self.give_back)

    def give_back(self) -> None:
        """Stops what runs; it is due again at once, for others, and has used no attempt."""
        self._take(DRAINING)
        self.holding.stop_all(AttemptOutcome.RELEASED)
        self.loop.call_later(LAST_WORDS_S, self.rounds.end)
        self.rounds.stir()

    def handle_sig(self, signum: Signals) -> None:
        """The first signal drains, within the time that is set; the second gives back at once."""
        if self._is_signalled:
            self.give_back()
        else:
            self._is_signalled = True
            self.drain(self._drain_s)
        if self.on_stop:
            self.on_stop(signum)

    handle_sig_wait_for_completion = handle_sig

    def _check_helpers(self) -> None:
        """Raises what ended one of them."""
        for helper in self._helpers:
            if helper.done() and not helper.cancelled():
                helper.result()

    def _settled(self, attempt: Attempt, *, is_taken: bool) -> None:
        self.holding.settled(attempt)
        steps.report(attempt, self, is_taken=is_taken)
        if self.after_job_end is None:  # that hook is still to have its context
            attempt.let_go()

    # What the steps of an attempt need (the Desk)

    def now_ms(self) -> int:
        """The instant by Redis' clock, as its last claim told it."""
        return self.rounds.now_ms()

    async def execute(self, attempt: Attempt) -> str:
        """Runs the function where it is to run; its result as JSON text, or what it raises."""
        return await self.executors.run(attempt, functools.partial(self._told, attempt))

    def _told(self, attempt: Attempt, told: dict[str, Any]) -> None:
        if "progress" in told:
            self._board.put(attempt, *told["progress"])
        elif "log" in told:
            attempt.say(Said(self.now_ms(), *told["log"]), self)
        else:
            attempt.leave_out(told["left_out"], self)

    def progressed(self, attempt: Attempt, share: float | None, message: str | None) -> None:
        """Passes on how far an attempt is; may be called from any thread."""
        self.loop.call_soon_threadsafe(self._board.put, attempt, share, message)

    def said(self, attempt: Attempt) -> None:
        """Hears that lines of an attempt wait; may be called from any thread."""
        with contextlib.suppress(RuntimeError):  # a thread that outlives the loop
            self.loop.call_soon_threadsafe(self._board.hear, attempt)

    def concluded(self, attempt: Attempt) -> None:
        """Takes an attempt whose settlement is ready, or that must not be settled."""
        has_lines = attempt.book is not None and not attempt.book.is_told
        if has_lines:
            self._board.hear(attempt)
        self.rounds.concluded(attempt, has_lines=has_lines)

    async def begins(self, attempt: Attempt) -> None:
        """Tells Redis that one which waited to run alone begins. Where Redis is away, a death under it does not count."""
        try:
            await self.broker.begin(attempt.queue, self.worker_id, Held(attempt.id, attempt.number, attempt.lease))
        except REDIS_GONE as error:
            log.warning("a suspect begins and Redis does not know", task_id=attempt.id, error=str(error))

    def is_free(self, attempt: Attempt) -> None:
        """The attempt's work has ended: its slot is free."""
        if self.holding.freed(attempt):
            self.rounds.wake()
        self.rounds.stir()

    def counted(self, attempt: Attempt, *, is_taken: bool) -> None:
        """Counts an attempt that Redis has answered, and calls the last hook."""
        if is_taken and attempt.settlement is not None and attempt.ending is not None:
            if attempt.ending.outcome is AttemptOutcome.SUCCEEDED:
                self.jobs_complete += 1
            elif attempt.settlement.goes_on and not attempt.settlement.is_begun:
                pass  # it comes back as it was
            elif attempt.settlement.goes_on:
                self.jobs_retried += 1
            else:
                self.jobs_failed += 1
        if self.after_job_end is not None and attempt.ctx:
            self._spawn(steps.call_hook(self.after_job_end, attempt))

    # What it hears

    def _on_command(self, queue: str, command: dict[str, Any]) -> None:
        for task_id in command.get("cancel", ()):
            attempt = self.holding.attempts.get(task_id)
            if attempt is not None:
                attempt.stop(AttemptOutcome.CANCELLED, self)
            else:
                self.rounds.cancel_early(queue, task_id)
        if "state" in command:
            self._desired(command["state"])

    def _heard_in_thread(self, heard: Heard) -> None:
        # The loop may have ended while the last beat was on its way.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._heard, heard)

    def _heart_failed_in_thread(self, error: Exception) -> None:
        """Without it nobody renews a lease: this worker must not claim as if it lived."""
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._fail, error)

    def _fail(self, error: Exception) -> None:
        if not self._heart_failed.done():
            self._heart_failed.set_exception(error)

    def _heard(self, heard: Heard) -> None:
        for gone in heard.lost.values():
            for held in gone:
                attempt = self.holding.of(held)
                if attempt is not None:
                    attempt.stop(AttemptOutcome.LOST, self)
        self._steal(heard.stealing)
        self._desired(heard.desired)

    def _desired(self, state: str) -> None:
        if self.status == DRAINING or state not in (ONLINE, PAUSED, DRAINING):
            return
        if state == DRAINING:
            self.drain()
        elif state != self.status:
            self._take(state)

    def _steal(self, wanted: bool | None) -> None:
        if wanted is None or wanted is self.identity.stealing:
            return
        self.identity = replace(self.identity, stealing=wanted)
        for line in self.lines.values():
            # It asks again at once: the queue learns of it with a claim, and there may be something to steal.
            line.is_stealing = wanted
            line.wake()
        self._heart.beat_soon()
        self.rounds.stir()

    def _take(self, state: str) -> None:
        if self.status != state:
            self.allow_pick_jobs = state == ONLINE
            self.rounds.take(state)
            self._heart.beat_soon()

    @property
    def status(self) -> str:
        """ONLINE, PAUSED or DRAINING."""
        return self.rounds.status

    # What its heart tells, from the heart's own thread

    def info(self, *, is_stuck: bool) -> dict[str, Any]:
        """What the register is to hold."""
        return self.identity.info(status=self.status, running_count=self.holding.busy, is_stuck=is_stuck)

    def offers(self) -> list[dict[str, Any]]:
        """The functions that it offers."""
        return offers(self.catalogue)

    def held(self) -> dict[str, list[Held]]:
        """The leases to renew, by queue."""
        return self.holding.leases(self._lease_s)

    def last_words(self) -> dict[str, list[Settlement]] | None:
        """What to settle before this process ends: its loop will not turn again in time. None: it may go on."""
        return last_words(
            list(self.holding.attempts.values()), asyncio.current_task(self.loop), self._lease_s, self.now_ms()
        )

    # Small things

    @property
    def _tasks_redis(self) -> TaskRedis:
        assert isinstance(self._pool, TaskRedis)
        return self._pool

    async def _pulse(self) -> None:
        while True:
            self._heart.pulse()
            await asyncio.sleep(PULSE_S)

    def _helper_ended(self, _: asyncio.Future[None]) -> None:
        self.rounds.stir()

    def _spawn(self, work: Any) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _leave(self) -> None:
        self.rounds.close()
        for helper in self._helpers:
            helper.cancel()
        await asyncio.gather(*self._helpers, return_exceptions=True)
        self.holding.stop_all(AttemptOutcome.LOST)  # Redis took no last word: the leases will end by themselves
        await self.executors.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._board.flush()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS_S)
        if not await asyncio.to_thread(self._heart.stop):
            log.warning("the register was not told: Redis does not answer")
            return
        try:
            await asyncio.to_thread(self._heart.leave, list(self.lines))
        except REDIS_GONE as error:
            log.warning("the register was not told", error=str(error))


def _arq_function(entry: Entry) -> Function:
    timeout_s = None if entry.timeout_ms is None else entry.timeout_ms / 1000
    return Function(entry.name, entry.call, timeout_s, None, None, entry.max_attempts)
