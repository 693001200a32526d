"""Subscribers who are told the same: one source for all of them, each of its events written to each as soon as it can take it."""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, Literal, NamedTuple

from rota.graphql.common import gathered, may_wait
from rota.graphql.turns import Turns

KEPT_EVENTS = 8  # of one subscription; who is slower than that has its event executed again
TOLD_AT_ONCE = 100  # before others have their turn on the event loop


class Frame(NamedTuple):
    """One message of a stream. `payload` is JSON: a result for `next`, a list of errors for `error`, which is the last."""

    kind: Literal["next", "error"]
    payload: bytes


_leading: set["asyncio.Task[None]"] = set()

Execute = Callable[[object], Awaitable[Frame]]
Take = Callable[[Frame], bool]


class Together:
    """The subscribers of like subscriptions, and the last events of these, each executed once.

    Each begins with a source of its own. The first that is told what may be for all leaves its source to all; each
    other follows it, and closes its own, once both were told the same event.
    """

    def __init__(self, turns: Turns) -> None:
        self.users = 0
        self._turns = turns
        # By identity; the event is kept beside its frame, so that no other object gets its id meanwhile.
        self._made: OrderedDict[int, tuple[object, asyncio.Future[Frame]]] = OrderedDict()
        # Those that are not done yet; one may be forgotten above before it is, where its execution hangs.
        self._making: set[asyncio.Future[Frame]] = set()
        self._told: deque[tuple[object, Frame]] = deque(maxlen=KEPT_EVENTS)
        self._followers: dict[Follower, None] = {}  # in the order in which they came
        self._leading: asyncio.Task[None] | None = None

    async def frame(self, event: object, execute: Execute) -> Frame:
        """The event's frame, made once for all."""
        found = self._made.get(id(event))
        if found is None:
            found = (event, asyncio.ensure_future(self._executed(event, execute)))
            self._making.add(found[1])
            found[1].add_done_callback(self._making.discard)
            self._made[id(event)] = found
            if len(self._made) > KEPT_EVENTS:
                self._made.popitem(last=False)
        made = found[1]
        # Who asked first may leave meanwhile; the frame is for the others too.
        return made.result() if made.done() else await asyncio.shield(made)

    async def _executed(self, event: object, execute: Execute) -> Frame:
        async with self._turns.turn():
            return await execute(event)

    def lead(self, source: AsyncGenerator[Any, None], event: object, frame: Frame, execute: Execute) -> bool:
        """Takes a source over for all, from after its event; False where that cannot be, or another leads."""
        if self._leading is not None or not may_wait(event):
            return False
        self._told.append((event, frame))
        self._leading = asyncio.create_task(self._lead(source, execute), name="a subscription of many")
        # A task that nobody holds may vanish before it has ended.
        _leading.add(self._leading)
        self._leading.add_done_callback(_leading.discard)
        return True

    def follow(self, event: object, take: Take) -> "Follower | None":
        """Somebody who was told this event as the last is told by the one source from now on.

        None where the source has not told it, or not lately: then it is not known what comes next.
        """
        for index, (told, _) in enumerate(self._told):
            if told is event and self._leading is not None:
                follower = Follower(take)
                for missed in list(self._told)[index + 1 :]:
                    follower.tell(*missed)
                self._followers[follower] = None
                return follower
        return None

    def leave(self, follower: "Follower") -> None:
        """It is told nothing more. With the last that follows, the source ends; who is left has one of its own."""
        self._followers.pop(follower, None)
        if not self._followers and self._leading is not None:
            self._leading.cancel()
            self._forget()

    def stop(self) -> None:
        """Nobody is left: ends what is still being executed."""
        for made in tuple(self._making):
            made.cancel()

    async def _lead(self, source: AsyncGenerator[Any, None], execute: Execute) -> None:
        failed: Exception | None = None
        try:
            async with contextlib.aclosing(source):
                async for event in source:
                    await self._tell(event, await self.frame(event, execute))
        except Exception as error:  # noqa: BLE001  (each follower raises it)
            failed = error
        followers = tuple(self._followers)
        self._forget()
        for follower in followers:
            follower.end(failed)

    def _forget(self) -> None:
        """Nobody leads."""
        self._leading = None
        self._told.clear()
        self._followers.clear()

    async def _tell(self, event: object, frame: Frame) -> None:
        # Who follows from here on has this one from those that were told.
        followers = tuple(self._followers)
        self._told.append((event, frame))
        for number, follower in enumerate(followers, 1):
            if follower in self._followers:
                follower.tell(event, frame)
            if number % TOLD_AT_ONCE == 0:
                await asyncio.sleep(0)


class Follower:
    """One subscriber without a source of its own: what it cannot take at once waits for it, bounded."""

    __slots__ = ("_failed", "_idle", "_is_over", "_take", "_waiting")

    def __init__(self, take: Take) -> None:
        self._take = take
        self._waiting: deque[tuple[object, Frame | None]] = deque()
        self._idle: asyncio.Future[None] | None = None  # while nothing waits, nor is being sent
        self._is_over = False
        self._failed: Exception | None = None

    def tell(self, event: object, frame: Frame) -> None:
        """Hands it a frame. Where too many wait they become one, whose frame is still to be made."""
        if self._idle is not None and not self._waiting and self._take(frame):
            return
        self._waiting.append((event, frame))
        most = may_wait(event)
        if len(self._waiting) > most:
            one = (event, frame) if most == 1 else (gathered([waits for waits, _ in self._waiting]), None)
            self._waiting.clear()
            self._waiting.append(one)
        self._wake()

    def end(self, failed: Exception | None) -> None:
        """The source has ended, with this error where there is one."""
        self._is_over, self._failed = True, failed
        self._wake()

    async def left(self) -> AsyncIterator[tuple[object, Frame | None]]:
        """What it could not take at once, until the source ends; raises what that raised."""
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._failed is not None:
                raise self._failed
            if self._is_over:
                return
            self._idle = asyncio.get_running_loop().create_future()
            try:
                await self._idle
            finally:
                self._idle = None

    def _wake(self) -> None:
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
