"""Entries of the trail as clients see them."""

from collections.abc import Sequence
from typing import Self

import strawberry

from rota import ids, jsontext
from rota.graphql.context import Info
from rota.graphql.errors import BadUserInput, without_nul
from rota.graphql.paging import cursor_of
from rota.graphql.scalars import Instant
from rota.graphql.types.accounts import User
from rota.graphql.types.inputs import MOST_CHOICES, given
from rota.graphql.types.page_info import PageInfo
from rota.store import models
from rota.store.audit import TrailQuery

ORDER = "ACTIVITY"


@strawberry.input(description="Which entries; an entry must match all that is given, and one of each list.")
class ActivityFilter:
    actor_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="By this account.")
    action: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="One of these mutations, by name, like `cancelTask`."
    )
    outcome: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="That went so: `OK`, or an error's code."
    )
    target: str | None = strawberry.field(default=strawberry.UNSET, description="That was about this id or name.")
    since: Instant | None = strawberry.field(default=strawberry.UNSET, description="From this instant on.")
    until: Instant | None = strawberry.field(default=strawberry.UNSET, description="Before this instant.")


@strawberry.type(description="That somebody did something, or tried to.")
class Activity:
    row: strawberry.Private[models.AuditEntry]
    id: strawberry.ID = strawberry.field(description="Opaque.")
    at: Instant = strawberry.field(description="When.")
    actor_name: str | None = strawberry.field(description="Who, by the name of then; null where nobody was signed in.")
    action: str = strawberry.field(description="What: the mutation's name.")
    outcome: str = strawberry.field(description="How it went: `OK`, or the error's code.")
    targets: list[str] = strawberry.field(
        description="What it was about: ids, and names of queues, functions and the like; 20 at most."
    )
    amount: int = strawberry.field(description="How many things it was about.")
    request_id: str = strawberry.field(description="Finds it in the log.")

    @classmethod
    def of(cls, row: models.AuditEntry) -> Self:
        """The row as clients see it."""
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            at=Instant(row.at),
            actor_name=row.actor,
            action=row.action,
            outcome=row.outcome,
            targets=jsontext.loads(row.targets),
            amount=row.amount,
            request_id=row.request_id,
        )

    @strawberry.field(description="Who; null where nobody was signed in, or the account is gone.")
    async def actor(self, info: Info) -> User | None:
        found = await info.context.loaders.user(self.row.actor_id)
        return User.of(found) if found else None

    @strawberry.field(description="From where, as far as it is known; for administrators alone, else null.")
    def address(self, info: Info) -> str | None:
        viewer = info.context.viewer
        return self.row.address if viewer is not None and viewer.is_admin else None


@strawberry.type(description="An entry in a page, with its cursor.")
class ActivityEdge:
    cursor: str = strawberry.field(description="Opaque; good for lists of activity.")
    node: Activity = strawberry.field(description="The entry.")


@strawberry.type(description="A page of the trail, the newest first.")
class ActivityConnection:
    edges: list[ActivityEdge] = strawberry.field(description="The entries with their cursors.")
    nodes: list[Activity] = strawberry.field(description="The entries alone.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")

    @classmethod
    def of(cls, rows: Sequence[models.AuditEntry], *, has_next: bool, has_previous: bool) -> Self:
        """A page of rows as clients see it."""
        edges = [ActivityEdge(cursor=cursor_of(ORDER, 0, row.id), node=Activity.of(row)) for row in rows]
        info = PageInfo.of([edge.cursor for edge in edges], has_next=has_next, has_previous=has_previous)
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=info)


@strawberry.type(description="Entries that were added.")
class AddedActivity:
    entries: list[Activity] = strawberry.field(description="The new ones, the newest first.")
    is_reset: bool = strawberry.field(
        description="True where there were too many to tell them all: lists must be read anew."
    )


def trail_query(wanted: ActivityFilter | None) -> TrailQuery:
    """The filter as the store takes it. Raises BadUserInput or InvalidId."""
    wanted = wanted or ActivityFilter()
    actor_id, target = given(wanted.actor_id), given(wanted.target)
    if actor_id is not None:
        ids.parse_id(ids.USER, actor_id)
    return TrailQuery(
        actor_id=actor_id,
        actions=_texts("action", wanted.action),
        outcomes=_texts("outcome", wanted.outcome),
        target=None if target is None else without_nul("filter.target", target),
        since=given(wanted.since),
        until=given(wanted.until),
    )


def _texts(name: str, values: list[str] | None) -> tuple[str, ...]:
    chosen = given(values) or []
    if len(chosen) > MOST_CHOICES:
        raise BadUserInput(f"filter.{name} takes at most {MOST_CHOICES} values.")
    return tuple(without_nul(f"filter.{name}", value) for value in chosen)
