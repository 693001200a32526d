"""Actions on many tasks as clients see them."""

from typing import Self

import strawberry

from rota import jsontext
from rota.graphql.context import Info
from rota.graphql.errors import UserError
from rota.graphql.scalars import Instant
from rota.graphql.types.accounts import User
from rota.graphql.types.enums import BulkKind, BulkStatus, ErrorCode
from rota.graphql.types.nodes import Node
from rota.store import models


@strawberry.type(description="A task that an action could not be done to.")
class BulkError:
    task_id: strawberry.ID = strawberry.field(description="The task's id.")
    code: ErrorCode = strawberry.field(description="What kind of failure it was.")
    message: str = strawberry.field(description="Why, for people.")


@strawberry.type(description="Something that is done to many tasks, a few at a time, whoever is connected meanwhile.")
class BulkAction(Node):
    row: strawberry.Private[models.BulkAction]
    kind: BulkKind = strawberry.field(description="What is done.")
    status: BulkStatus = strawberry.field(description="How far it is.")
    total: int | None = strawberry.field(description="How many tasks there are; null until they are counted.")
    done: int = strawberry.field(description="To how many it was done.")
    failed: int = strawberry.field(description="To how many it could not be done.")
    stopped: str | None = strawberry.field(description="Why it was given up; null where it was not.")
    created_at: Instant = strawberry.field(
        description="When it was asked for; a filter matches what was there by then."
    )
    finished_at: Instant | None = strawberry.field(description="When it ended; it is kept for a week.")
    undoable: int = strawberry.field(
        description="How many tasks `undoBulkAction` would put back; 0 where it cannot be undone, or was."
    )
    undoes: strawberry.ID | None = strawberry.field(description="Of an UNDO: the action that it undoes.")
    undone_by: strawberry.ID | None = strawberry.field(description="The action that undoes it.")

    @classmethod
    def of(cls, row: models.BulkAction) -> Self:
        """The row as clients see it."""
        return cls(
            id=strawberry.ID(row.id),
            row=row,
            kind=BulkKind(row.kind),
            status=BulkStatus(row.status),
            total=row.total,
            done=row.done,
            failed=row.failed,
            stopped=row.stopped,
            created_at=Instant(row.created_at),
            finished_at=None if row.finished_at is None else Instant(row.finished_at),
            undoable=row.marked if row.finished_at is not None and row.undone_by is None else 0,
            undoes=None if row.undoes is None else strawberry.ID(row.undoes),
            undone_by=None if row.undone_by is None else strawberry.ID(row.undone_by),
        )

    @strawberry.field(description="The first 20 of the tasks that it could not be done to.")
    def failures(self) -> list[BulkError]:
        return [
            BulkError(task_id=strawberry.ID(one["id"]), code=ErrorCode(one["code"]), message=one["message"])
            for one in jsontext.loads(self.row.errors)
        ]

    @strawberry.field(description="Who asked for it; it is done with their rights as they are then.")
    async def owner(self, info: Info) -> User | None:
        found = await info.context.loaders.user(self.row.owner_id)
        return User.of(found) if found else None


@strawberry.type(description="The action, which the coordinator begins within a second, or errors.")
class BulkActionPayload:
    action: BulkAction | None = strawberry.field(default=None, description="The action; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.type(description="The id of what was deleted, or errors.")
class DeleteTaskPayload:
    id: strawberry.ID | None = strawberry.field(default=None, description="Its id; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )
