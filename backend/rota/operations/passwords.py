"""Passwords: what is allowed, and argon2id off the event loop with bounded concurrency."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rota.domain.errors import Invalid, RateLimited

T = TypeVar("T")

SHORTEST, LONGEST = 10, 200  # characters
AT_ONCE = 2  # hashes; each takes a core and MEMORY_KIB for some tens of ms
MOST_WAITING = 100
MEMORY_KIB = 32 * 1024

# Of those that are long enough to be allowed, the ones that leaked lists show most.
_COMMONEST = """
    1234567890 0123456789 0987654321 9876543210 12345678910 123456789a a123456789 1234567891 1111111111 0000000000
    1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc qwertyuiop qwerty1234 qwerty12345 qwerty123456 q1w2e3r4t5 asdfghjkl1
    abcdefghij abcd123456 abc1234567 password12 password123 password1234 password12345 passw0rd123 p@ssw0rd123
    passwordpassword mypassword1 mypassword123 adminadmin admin12345 admin123456 administrator welcome123 welcome1234
    letmein123 letmein1234 iloveyou12 iloveyou123 changeme123 changemenow sunshine123 princess123 football123
    baseball123 superman123 liverpool1 dragon1234 monkey1234 master1234 correcthorsebatterystaple
"""
COMMONEST = frozenset(_COMMONEST.split())


def check_password(password: str, username: str, name: str = "password") -> None:
    """Raises Invalid where a password is too short, too long, the name itself, or one of the commonest; `name` is the field's."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(f"A password has {SHORTEST} to {LONGEST} characters; this has {len(password)}.", (name,))
    if username.lower() in password.lower() and len(password) < len(username) + 6:
        raise Invalid("The password must not be the name, nor little more than it.", (name,))
    if password.lower() in COMMONEST or len(set(password)) < 4:
        raise Invalid("This password is among the first that anybody guesses; choose another.", (name,))


class Passwords:
    """Hashes and verifies in a few threads; more than a hundred that wait are refused."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=3, memory_cost=MEMORY_KIB, parallelism=1)
        self._threads: ThreadPoolExecutor | None = None
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """The argon2id hash of a password, with its parameters and salt. Raises RateLimited."""
        return await self._in_thread(partial(self._hasher.hash, password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the hash's. For None (no such account) it takes as long and says no. Raises RateLimited."""
        if password_hash is None:
            if self._nobodys is None:
                self._nobodys = await self.hash(secrets.token_urlsafe())
            await self._in_thread(partial(self._is, self._nobodys, password))
            return False
        return await self._in_thread(partial(self._is, password_hash, password))

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _is(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, work: "partial[T]") -> T:
        if self._waiting >= MOST_WAITING:
            raise RateLimited("Too many people are signing in at this moment; try again shortly.", 2.0)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
