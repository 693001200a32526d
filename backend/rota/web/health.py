"""Whether this process is alive, and whether every part that it needs is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rota.broker.client import REDIS_GONE
from rota.graphql.hub import Hub
from rota.logs import get_logger
from rota.operations import metrics
from rota.operations.health import ANSWER_S, LEADER, MOST_LAG_MS
from rota.operations.platform import Platform
from rota.store import leaders

log = get_logger(__name__)

__all__ = ["LEADER", "MOST_LAG_MS", "Readiness", "healthz"]


async def healthz(request: Request) -> Response:  # noqa: ARG001  (an endpoint takes the request)
    """Answers while the process does."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


class Readiness:
    """The endpoint that tells the truth about every part: 503 where one that is needed does not do its work."""

    def __init__(self, platform: Platform, hub: Hub) -> None:
        self._platform = platform
        self._hub = hub

    async def __call__(self, request: Request) -> Response:  # noqa: ARG002  (an endpoint takes the request)
        database, recorder, workers = await asyncio.gather(
            _asked("database", self._database), _asked("recorder", self._recorder), _asked("redis", self._workers)
        )
        redis = {"ok": workers["ok"], **({} if workers["ok"] else {"why": workers["why"]})}
        live = {"ok": True} if self._hub.is_live else {"ok": False, "why": "it does not hear of changes yet"}
        parts = {"database": database, "redis": redis, "recorder": recorder, "live": live}
        is_ready = all(part["ok"] for part in parts.values())
        # Tasks are taken without a worker too, so that none there does not make this process unready.
        body = {"ready": is_ready, "parts": parts, "workers": workers.get("count")}
        return JSONResponse(body, 200 if is_ready else 503, headers={"cache-control": "no-store"})

    async def _database(self) -> dict[str, Any]:
        async with self._platform.database.read() as db:
            await leaders.has_leader(db, LEADER)
        return {"ok": True}

    async def _recorder(self) -> dict[str, Any]:
        async with self._platform.database.read() as db:
            if not await leaders.has_leader(db, LEADER):
                return {"ok": False, "why": "no coordinator leads: is `rota coordinator` running?"}
        try:
            lag_ms = await metrics.recorder_lag_ms(self._platform)
        except REDIS_GONE:
            return {"ok": False, "why": "without Redis nothing can be recorded"}
        if lag_ms > MOST_LAG_MS:
            return {
                "ok": False,
                "lag_ms": lag_ms,
                "why": f"what happened {lag_ms / 1000:.0f} s ago is not recorded yet",
            }
        return {"ok": True, "lag_ms": lag_ms}

    async def _workers(self) -> dict[str, Any]:
        now, registered = await self._platform.workers.roll()
        return {"ok": True, "count": sum(worker.seen_until > now for worker in registered)}


async def _asked(part: str, ask: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    try:
        async with asyncio.timeout(ANSWER_S):
            return await ask()
    except TimeoutError:
        return {"ok": False, "why": f"no answer within {ANSWER_S:g} s"}
    except Exception as error:  # noqa: BLE001  (whatever a part raises: it is not ready; addresses and secrets stay in the log)
        log.warning("not ready", waits_for=part, error=str(error))
        return {"ok": False, "why": f"cannot be reached ({type(error).__name__})"}
