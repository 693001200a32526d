"""What functions said while they ran, as clients see it."""

from typing import Self

import strawberry

from rota import ids
from rota.graphql.errors import BadUserInput
from rota.graphql.paging import cursor_of, parse_cursor
from rota.graphql.scalars import Instant
from rota.graphql.types.enums import LogLevel
from rota.graphql.types.page_info import PageInfo
from rota.store import lines as store

ORDER = "LOGS"
PAGE = 100


@strawberry.type(description="A line that a function said while it ran.")
class LogLine:
    number: int = strawberry.field(description="The number of the attempt that said it.")
    at: Instant = strawberry.field(description="When.")
    level: LogLevel = strawberry.field(description="How grave it is.")
    message: str = strawberry.field(description="What; at most 4 KiB, a longer one ends with an ellipsis.")
    is_late: bool = strawberry.field(
        description="Whether the attempt held the task no longer when this was told: its lease had ended, or the task had."
    )

    @classmethod
    def of(cls, line: store.Line) -> Self:
        """The row as clients see it."""
        return cls(
            number=line.number,
            at=Instant(line.at),
            level=LogLevel(line.level),
            message=line.message,
            is_late=line.is_late,
        )


@strawberry.type(description="A line in a page, with its cursor.")
class LogEdge:
    cursor: str = strawberry.field(description="Opaque; good for the lines of the same task, here and in `taskLogged`.")
    node: LogLine = strawberry.field(description="The line.")


@strawberry.type(description="A page of a task's lines, in the order in which they were recorded.")
class LogConnection:
    edges: list[LogEdge] = strawberry.field(description="The lines with their cursors.")
    nodes: list[LogLine] = strawberry.field(description="The lines alone.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")
    left_out: int = strawberry.field(
        description="How many lines of the task were too many to keep, beyond 1,000; 0 where all are here."
    )

    @classmethod
    def of(cls, task_id: str, page: store.Page, *, has_previous: bool) -> Self:
        """A page of rows as clients see it."""
        edges = [LogEdge(cursor=line_cursor(task_id, line.seq), node=LogLine.of(line)) for line in page.lines]
        return cls(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=PageInfo.of([edge.cursor for edge in edges], has_next=page.has_next, has_previous=has_previous),
            left_out=page.left_out,
        )


@strawberry.type(description="Lines that a task's function said, each told once.")
class LoggedLines:
    lines: list[LogLine] = strawberry.field(description="In the order in which they were recorded.")
    left_out: int = strawberry.field(description="How many lines of the task were too many to keep so far.")
    cursor: str = strawberry.field(description="To go on after, as `after`. Opaque.")
    place: strawberry.Private[int]
    has_next: strawberry.Private[bool]

    @classmethod
    def of(cls, task_id: str, page: store.Page, after: int) -> Self:
        """What is recorded after a place, as it is told."""
        place = page.lines[-1].seq if page.lines else after
        return cls(
            lines=[LogLine.of(line) for line in page.lines],
            left_out=page.left_out,
            cursor=line_cursor(task_id, place),
            place=place,
            has_next=page.has_next,
        )


def line_cursor(task_id: str, seq: int) -> str:
    """The cursor after a line of a task."""
    return cursor_of(ORDER, seq, task_id)


def line_place(task_id: str, cursor: str | None) -> int:
    """The place that a cursor keeps, 0 for the start. Raises BadUserInput where it is another task's."""
    found = parse_cursor(ORDER, cursor, ids.TASK)
    if found is None:
        return 0
    if found[1] != task_id or not 0 <= found[0] < 2**31:
        raise BadUserInput("after is no cursor of this task's lines; take one from a page or from taskLogged.")
    return found[0]
