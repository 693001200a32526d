"""Pages of tasks after the Relay connection specification."""

import strawberry

from rota.graphql.context import Info
from rota.graphql.paging import cursor_of
from rota.graphql.types.page_info import PageInfo
from rota.graphql.types.tasks import Task
from rota.store import listing, models
from rota.store.selection import TaskQuery


@strawberry.type(description="A task in a page, with its cursor.")
class TaskEdge:
    cursor: str = strawberry.field(description="Opaque; good for lists in the same order.")
    node: Task = strawberry.field(description="The task.")


@strawberry.type(description="How many tasks match, as far as they were counted.")
class TaskTotal:
    at_least: int = strawberry.field(description="So many, or more.")
    is_exact: bool = strawberry.field(description="Whether there are no more.")


@strawberry.type(description="A page of tasks.")
class TaskConnection:
    query: strawberry.Private[TaskQuery]
    page: strawberry.Private[listing.Page]

    @strawberry.field(description="The tasks with their cursors.")
    def edges(self) -> list[TaskEdge]:
        return [TaskEdge(cursor=self._cursor(row), node=Task.of(row)) for row in self.page.rows]

    @strawberry.field(description="The tasks alone.")
    def nodes(self) -> list[Task]:
        return [Task.of(row) for row in self.page.rows]

    @strawberry.field(description="Where the page stands in the list.")
    def page_info(self) -> PageInfo:
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.query.after is not None,
            start_cursor=self._cursor(self.page.rows[0]) if self.page.rows else None,
            end_cursor=cursor_of(self.query.order, *self.page.end) if self.page.end else None,
        )

    @strawberry.field(
        description="How many match in all; counted only where it is asked for. What has to be counted row by row (a search, "
        "functions, tags, an owner, a worker, an instant, the order DEADLINE) is counted to 10,001, which means more than 10,000."
    )
    async def total_count(self, info: Info) -> int:
        database = info.context.platform.database
        async with database.read() if self.query.is_counted else database.search() as db:
            return await listing.count(db, self.query, listing.MOST_COUNTED)

    @strawberry.field(description="How many match in all, as far as that is found out in a few hundredths of a second.")
    async def total(self, info: Info) -> TaskTotal:
        database = info.context.platform.database
        async with database.read() if self.query.is_counted else database.search() as db:
            found = await listing.total(db, self.query)
        return TaskTotal(at_least=found.amount, is_exact=found.is_exact)

    def _cursor(self, row: models.Task) -> str:
        return cursor_of(self.query.order, listing.sort_value(row, self.query.order), row.id)
