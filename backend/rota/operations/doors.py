"""How often one may knock: sign-in is limited by account and by address, registration by address.

Knocks are counted in Redis, for all api processes together, and in this process' memory besides: while Redis is away each
process still keeps its own count, so that nobody may guess without end.
"""

import asyncio
import hashlib
import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from rota.broker.client import REDIS_GONE
from rota.broker.knocks import Knocks
from rota.domain.errors import RateLimited
from rota.logs import get_logger

log = get_logger(__name__)

LOGINS_OF_ACCOUNT = parse("10 per minute")
LOGINS_OF_ADDRESS = parse("60 per minute")
REGISTRATIONS_OF_ADDRESS = parse("30 per minute")
ANSWER_WITHIN_S = 1.0  # a Redis that hangs must not hold up who signs in


class Doors:
    """Counts knocks. Whichever count is full refuses."""

    def __init__(self, knocks: Knocks) -> None:
        self._shared = knocks
        self._storage = MemoryStorage()
        self._own = MovingWindowRateLimiter(self._storage)

    async def knock_to_sign_in(self, username: str, address: str) -> None:
        """Counts a sign-in before its password is looked at. Raises RateLimited."""
        if address:
            await self._count(LOGINS_OF_ADDRESS, "login-address", address, "Too many sign-ins from this address")
        await self._count(LOGINS_OF_ACCOUNT, "login-account", username.lower(), "Too many sign-ins to this account")

    async def opened(self, username: str) -> None:
        """A sign-in went well: the account's earlier knocks are forgotten."""
        account = _digest(username.lower())
        await self._own.clear(LOGINS_OF_ACCOUNT, "login-account", account)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._shared.forget("login-account", account)
        except REDIS_GONE as error:
            _tell_gone(error)

    async def knock_to_register(self, address: str) -> None:
        """Counts a registration. Raises RateLimited."""
        if address:
            await self._count(REGISTRATIONS_OF_ADDRESS, "register", address, "Too many registrations from this address")

    async def _count(self, limit: RateLimitItem, door: str, name: str, words: str) -> None:
        who = _digest(name)
        if not await self._own.test(limit, door, who):
            raise _refusal(words, await self._own_wait_s(limit, door, who))
        if wait_s := await self._shared_wait_s(limit, door, who):
            raise _refusal(words, wait_s)
        # Others may have come meanwhile.
        if not await self._own.hit(limit, door, who):
            raise _refusal(words, await self._own_wait_s(limit, door, who))

    async def _own_wait_s(self, limit: RateLimitItem, door: str, who: str) -> float:
        return (await self._own.get_window_stats(limit, door, who)).reset_time - time.time()

    async def _shared_wait_s(self, limit: RateLimitItem, door: str, who: str) -> float:
        """Counts it for all processes; 0 where it may come, or where nobody can say."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._shared.knock(door, who, limit.amount, limit.get_expiry() * 1000) / 1000
        except REDIS_GONE as error:
            _tell_gone(error)
            return 0.0


def _digest(name: str) -> str:
    # Neither names nor addresses are kept; a name may be as long as a request, and nobody's.
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _refusal(words: str, wait_s: float) -> RateLimited:
    wait_s = max(wait_s, 1.0)
    return RateLimited(f"{words}; try again in {wait_s:.0f} s.", wait_s)


def _tell_gone(error: BaseException) -> None:
    log.warning("sign-ins are counted by each api process alone: Redis does not answer", error=str(error))
