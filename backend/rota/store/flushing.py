"""Tortoise's way to the connection of a transaction that holds back what only writes."""

from typing import Any

from tortoise.backends.base.client import ConnectionWrapper


class Flushing(ConnectionWrapper[Any]):
    """The connection for one statement, which comes after what waits: the client's `flush` sends that first."""

    async def __aenter__(self) -> Any:
        driver = await super().__aenter__()
        try:
            await self.client.flush()  # type: ignore[attr-defined]
        except BaseException:
            self._lock.release()
            raise
        return driver
