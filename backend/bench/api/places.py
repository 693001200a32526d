"""Where a page far down a list begins: found in the store, for the way there over HTTP takes a thousand requests."""

import datetime
from typing import Any

from strawberry.utils.str_converters import to_snake_case

from rota.domain.access import Viewer
from rota.graphql.paging import cursor_of
from rota.graphql.types.enums import TaskOrder, TaskStatus
from rota.graphql.types.inputs import TaskFilter, query_of
from rota.operations.platform import Platform
from rota.store import listing


async def cursor(platform: Platform, viewer: Viewer, variables: dict[str, Any], rows: int) -> str | None:
    """The cursor after so many rows of a list; None where it has no more."""
    asked = {to_snake_case(name): value for name, value in variables.get("filter", {}).items()}
    if "status" in asked:
        asked["status"] = [TaskStatus(one) for one in asked["status"]]
    for name in ("created_after", "created_before"):
        if name in asked:
            asked[name] = int(datetime.datetime.fromisoformat(asked[name]).timestamp() * 1000)
    order = TaskOrder(variables.get("orderBy", "NEWEST_FIRST"))
    async with platform.database.read() as db:
        page = await listing.page(db, query_of(TaskFilter(**asked), viewer, order), rows)
    return cursor_of(order.value, *page.end) if page.has_next and page.end else None
