"""Signs of life and lease renewals from a thread with its own connection, which a busy event loop cannot hold up."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from rota import jsontext
from rota.broker.client import CONNECT_TIMEOUT_S, REDIS_GONE
from rota.broker.keys import Keys
from rota.broker.loading import load_scripts
from rota.broker.values import Held, Settlement, renew_args, settle_args
from rota.broker.workers import wish_of
from rota.logs import get_logger

log = get_logger(__name__)

ANSWER_S = 5.0
LAST_BEAT_S = 2.0  # a beat that is on its way at the end is waited for so long
PULSE_S = 0.25  # how often the loop shows that it turns
STUCK_AFTER_S = 1.0
LAST_SETTLE = "last"  # the settle id of the last words: a line counts its own


def end_this_process() -> None:
    """At once: a stuck loop hears no signal that is polite."""
    os.kill(os.getpid(), signal.SIGKILL)


class Bearer(Protocol):
    """Whose heart it is. Every method is called from the thread and must not wait."""

    def info(self, *, is_stuck: bool) -> dict[str, Any]:
        """What the register is to hold."""

    def held(self) -> dict[str, list[Held]]:
        """The leases to renew, by queue."""

    def offers(self) -> list[dict[str, Any]]:
        """The functions that it offers."""

    def last_words(self) -> dict[str, list[Settlement]] | None:
        """Asked while the loop is stuck: what to settle before this process ends, by queue; None: it may go on."""


class Heard(NamedTuple):
    """What a heartbeat brought back."""

    desired: str
    lost: dict[str, list[Held]]
    stealing: bool | None = None  # None: as it was started


class Heart:
    """Beats from `start` to `stop`; in the thread are called `on_heard`, `on_fault` where it can beat no more, and `end` when the
    loop is stuck for good.
    """

    def __init__(
        self,
        url: str,
        namespace: str,
        worker: str,
        bearer: Bearer,
        on_heard: Callable[[Heard], None],
        on_fault: Callable[[Exception], None],
        *,
        heartbeat_ms: int,
        lease_ms: int,
        stuck_after_s: float = STUCK_AFTER_S,
        end: Callable[[], None] | None = None,
    ) -> None:
        self._keys = Keys(namespace)
        self._worker = worker
        self._bearer = bearer
        self._on_heard = on_heard
        self._on_fault = on_fault
        self._every_s = heartbeat_ms / 1000
        self._lease_ms = lease_ms
        self._stuck_after_s = stuck_after_s
        self._end = end
        self._pulse_at = time.monotonic()
        self._hurry = threading.Event()
        self._is_over = False
        self._is_gone = False  # Redis, at the last beat
        self._thread = threading.Thread(target=self._run, name="rota-heart", daemon=True)
        self._redis: Any = redis.Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            retry_on_error=[],
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            socket_timeout=ANSWER_S,
        )
        loaded = load_scripts()
        self._scripts = {
            name: self._redis.register_script(loaded[name].source)
            for name in ("beat", "register", "leave", "renew", "forget", "settle")
        }
        self._names = {name: loaded[name].keys for name in self._scripts}

    def start(self) -> None:
        """Begins; the first beat registers the worker."""
        self._thread.start()

    def stop(self) -> bool:
        """Ends; waits for a beat that is on its way. False: Redis does not answer. Blocks, so call it off the loop."""
        self._is_over = True
        self._hurry.set()
        if self._thread.is_alive():
            self._thread.join(LAST_BEAT_S)
        return not self._thread.is_alive() and not self._is_gone

    def leave(self, queues: Sequence[str]) -> None:
        """Takes the worker out of the register and its queues' memory. Blocks; raises what redis-py raises."""
        try:
            for queue in queues:
                self._call("forget", [self._worker], queue)
            self._call("leave", [self._worker])
        finally:
            self._redis.close()

    def pulse(self) -> None:
        """The loop turns; called in the loop, each PULSE_S."""
        self._pulse_at = time.monotonic()

    def beat_soon(self) -> None:
        """Does not wait for the next beat: something has changed, or Redis is back."""
        self._hurry.set()

    @property
    def is_stuck(self) -> bool:
        """Whether the event loop has not turned for a while."""
        return time.monotonic() - self._pulse_at > PULSE_S + self._stuck_after_s

    def _run(self) -> None:
        try:
            self._live()
        except Exception as error:  # noqa: BLE001  (the edge of a thread: told in the loop, which ends with it)
            self._on_fault(error)

    def _live(self) -> None:
        while not self._is_over:
            self._hurry.clear()
            try:
                self._on_heard(self._beat())
                self._is_gone = False
            except REDIS_GONE as error:
                if not self._is_gone:
                    log.warning("no sign of life can be given: Redis does not answer", error=str(error))
                self._is_gone = True
            self._end_if_hopeless()
            # Looks more often than it beats, so that a stuck loop shows soon; what changed goes out at once.
            self._rest()

    def _rest(self) -> None:
        until, was_stuck = time.monotonic() + self._every_s, self.is_stuck
        while not self._is_over and not self._hurry.is_set() and (left := until - time.monotonic()) > 0:
            self._hurry.wait(min(left, PULSE_S))
            if self.is_stuck is not was_stuck and not self._is_gone:
                return

    def _end_if_hopeless(self) -> None:
        """Ends the process, where it is to, when its loop will not turn again in time: nobody else could free its slots."""
        if self._end is None or not self.is_stuck or (words := self._bearer.last_words()) is None:
            return
        log.error("the event loop is stuck past its bounds; this process ends", tasks=sum(map(len, words.values())))
        try:
            for queue, settlements in words.items():
                self._call("settle", settle_args(self._worker, LAST_SETTLE, settlements), queue)
        except REDIS_GONE as error:
            log.warning("last words were not heard; the leases will end", error=str(error))
        self._end()

    def _beat(self) -> Heard:
        ttl_ms = self._lease_ms
        # With it who reads the register can tell when this was.
        info = jsontext.dumpb({**self._bearer.info(is_stuck=self.is_stuck), "lease_ms": ttl_ms})
        known, desired, stealing = self._call("beat", [self._worker, info, ttl_ms])
        if not known:
            self._call("register", [self._worker, info, ttl_ms, jsontext.dumpb(self._bearer.offers())])
        lost: dict[str, list[Held]] = {}
        for queue, held in self._bearer.held().items():
            gone = {task_id.decode() for task_id in self._call("renew", renew_args(self._worker, held, ttl_ms), queue)}
            if gone:
                lost[queue] = [one for one in held if one.id in gone]
        return Heard(desired.decode() or "ONLINE", lost, wish_of(stealing))

    def _call(self, script: str, args: list[Any], queue: str | None = None) -> Any:
        names = self._names[script]
        keys = [self._keys.workers(name) if queue is None else self._keys.queue(queue, name) for name in names]
        return self._scripts[script](keys, args)
