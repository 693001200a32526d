"""Waits for wakes, tasks that come with them, and commands, on a connection of its own: BLPOP over the worker's wake lists."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from rota import jsontext
from rota.broker.client import REDIS_GONE, connect
from rota.broker.keys import Keys
from rota.broker.values import Handed, parse_handed
from rota.logs import get_logger
from rota.worker.patience import Patience

log = get_logger(__name__)

LONGEST_WAIT_S = 1
ANSWER_S = LONGEST_WAIT_S + 5.0


class Waiter:
    """Calls `on_wake(queue)`, or with None when a second passed without one, `on_handed` and `on_command(queue, command)`."""

    def __init__(
        self,
        url: str,
        keys: Keys,
        queues: Sequence[str],
        worker: str,
        on_wake: Callable[[str | None], None],
        on_handed: Callable[[str, Handed], None],
        on_command: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._url = url
        self._queues = {keys.wake(queue, worker).encode(): queue for queue in queues}
        self._on_wake = on_wake
        self._on_handed = on_handed
        self._on_command = on_command

    async def run(self) -> None:
        """Waits until it is cancelled."""
        # The answer may take as long as the wait; a connection that says nothing beyond that is dead.
        redis = connect(self._url, answer_timeout_s=ANSWER_S, single_connection_client=True)
        patience = Patience()
        names = list(self._queues)
        try:
            while True:
                try:
                    answer = await redis.blpop(names, timeout=LONGEST_WAIT_S)
                except REDIS_GONE as error:
                    log.debug("cannot wait for work", error=str(error))
                    await asyncio.sleep(patience.next_s())
                    continue
                patience.reset()
                if answer is None:
                    self._on_wake(None)
                else:
                    self._heard(self._queues[answer[0]], answer[1])
                    # What was handed begins before this waits again.
                    await asyncio.sleep(0)
        finally:
            await redis.aclose()

    def _heard(self, queue: str, text: bytes) -> None:
        if not text:
            self._on_wake(queue)
            return
        handed = parse_handed(text)
        if handed is not None:
            self._on_handed(queue, handed)
            return
        try:
            command = jsontext.loads(text)
        except ValueError:
            command = None
        if isinstance(command, dict):
            self._on_command(queue, command)
        else:
            log.warning("a command that is no JSON object", queue=queue)
