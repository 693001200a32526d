"""How often one may knock: sign-in is limited by account and by address, registration by address."""

import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from rota.domain.errors import RateLimited

LOGINS_OF_ACCOUNT = parse("10 per minute")
LOGINS_OF_ADDRESS = parse("60 per minute")
REGISTRATIONS_OF_ADDRESS = parse("30 per minute")


class Doors:
    """Counts knocks in this process's memory."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)

    async def knock_to_sign_in(self, username: str, address: str) -> None:
        """Counts a sign-in before its password is looked at. Raises RateLimited."""
        if address:
            await self._count(LOGINS_OF_ADDRESS, "login-address", address, "Too many sign-ins from this address")
        await self._count(LOGINS_OF_ACCOUNT, "login-account", username.lower(), "Too many sign-ins to this account")

    async def opened(self, username: str) -> None:
        """A sign-in went well: the account's earlier knocks are forgotten."""
        await self._limiter.clear(LOGINS_OF_ACCOUNT, "login-account", username.lower())

    async def knock_to_register(self, address: str) -> None:
        """Counts a registration. Raises RateLimited."""
        if address:
            await self._count(REGISTRATIONS_OF_ADDRESS, "register", address, "Too many registrations from this address")

    async def _count(self, limit: RateLimitItem, *what: str) -> None:
        *keys, words = what
        if await self._limiter.hit(limit, *keys):
            return
        window = await self._limiter.get_window_stats(limit, *keys)
        wait_s = max(window.reset_time - time.time(), 1.0)
        raise RateLimited(f"{words}; try again in {wait_s:.0f} s.", wait_s)
