"""Anything by its id."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from rota import ids
from rota.domain.access import Viewer, may_operate, may_submit
from rota.domain.errors import NotFound
from rota.graphql.context import Context, Info
from rota.graphql.types.accounts import ApiToken, User
from rota.graphql.types.bulk import BulkAction
from rota.graphql.types.limits import Limit
from rota.graphql.types.nodes import Node
from rota.graphql.types.pools import Pool
from rota.graphql.types.queues import Queue
from rota.graphql.types.schedules import Schedule
from rota.graphql.types.tasks import Attempt, Task
from rota.graphql.types.workers import Worker
from rota.operations import bulk, pools, schedules
from rota.operations import tasks as operations
from rota.store import limits, users

Find = Callable[[Context, Viewer, str], Awaitable[Node | None]]


@strawberry.type
class NodeQueries:
    @strawberry.field(description="Anything by its id; null where there is nothing that the viewer may see.")
    async def node(
        self, info: Info, node_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="Its id.")]
    ) -> Node | None:
        viewer = info.context.need_viewer()
        find = _FINDS.get(ids.kind_of(node_id))
        return await find(info.context, viewer, node_id) if find else None


async def _task(context: Context, viewer: Viewer, node_id: str) -> Task | None:
    if not may_submit(viewer):
        return None
    async with context.platform.database.read() as db:
        row = await operations.visible(db, viewer, node_id)
    return Task.of(row) if row else None


async def _attempt(context: Context, viewer: Viewer, node_id: str) -> Attempt | None:
    _, suffix, number = node_id.split("_")
    task = await _task(context, viewer, f"{ids.TASK}_{suffix}")
    attempts = await context.loaders.attempts_of(task.id) if task else []
    return next((Attempt.of(row) for row in attempts if row.number == int(number)), None)


async def _worker(context: Context, _: Viewer, node_id: str) -> Worker | None:
    row = await context.loaders.worker(node_id)
    return Worker.of(row) if row else None


async def _queue(context: Context, _: Viewer, node_id: str) -> Queue | None:
    rows = (await context.loaders.all_queues()).values()
    return next((Queue.of(row) for row in rows if row.id == node_id), None)


async def _user(context: Context, viewer: Viewer, node_id: str) -> User | None:
    if not viewer.is_admin and node_id != viewer.user_id:
        return None
    row = await context.loaders.user(node_id)
    return User.of(row) if row else None


async def _token(context: Context, viewer: Viewer, node_id: str) -> ApiToken | None:
    async with context.platform.database.read() as db:
        rows = await users.tokens_of(db, viewer.user_id)
    return next((ApiToken.of(row) for row in rows if row.id == node_id), None)


async def _schedule(context: Context, viewer: Viewer, node_id: str) -> Schedule | None:
    if not may_submit(viewer):
        return None
    try:
        return Schedule.of(await schedules.get(context.platform, viewer, node_id))
    except NotFound:
        return None


async def _limit(context: Context, _: Viewer, node_id: str) -> Limit | None:
    async with context.platform.database.read() as db:
        row = await limits.get(db, node_id)
    return Limit.of(row) if row else None


async def _pool(context: Context, viewer: Viewer, node_id: str) -> Pool | None:
    if not may_operate(viewer):
        return None
    try:
        return Pool.of(await pools.get(context.platform, viewer, node_id))
    except NotFound:
        return None


async def _bulk(context: Context, viewer: Viewer, node_id: str) -> BulkAction | None:
    row = await bulk.visible(context.platform, viewer, node_id) if may_submit(viewer) else None
    return BulkAction.of(row) if row else None


_FINDS: dict[str, Find] = {
    ids.TASK: _task,
    ids.ATTEMPT: _attempt,
    ids.WORKER: _worker,
    ids.QUEUE: _queue,
    ids.USER: _user,
    ids.TOKEN: _token,
    ids.SCHEDULE: _schedule,
    ids.BULK: _bulk,
    ids.POOL: _pool,
    ids.LIMIT: _limit,
}
