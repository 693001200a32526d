"""Knocks at the doors, counted in Redis: for all api processes together."""

from rota.broker.client import RedisClient
from rota.broker.keys import Keys
from rota.broker.loading import load_scripts


class Knocks:
    """Counts who knocks where, over a window that moves."""

    def __init__(self, redis: RedisClient, namespace: str) -> None:
        self._redis = redis
        self._keys = Keys(namespace)
        self._knock = redis.register_script(load_scripts()["knock"].source)

    async def knock(self, door: str, who: str, most: int, window_ms: int) -> int:
        """Counts a knock of somebody, by a digest; 0, or in how many ms the next one may come where `most` came within the window."""
        return int(await self._knock([self._keys.knocks(door, who)], [most, window_ms]))

    async def forget(self, door: str, who: str) -> None:
        """Forgets the knocks of one."""
        await self._redis.delete(self._keys.knocks(door, who))
