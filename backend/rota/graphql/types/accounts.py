"""Accounts and API tokens as clients see them."""

from collections.abc import Sequence
from typing import Self

import strawberry

from rota.graphql.context import Info
from rota.graphql.errors import UserError
from rota.graphql.paging import cursor_of
from rota.graphql.scalars import Instant
from rota.graphql.types.enums import Role
from rota.graphql.types.nodes import Node
from rota.graphql.types.page_info import PageInfo
from rota.operations.accounts import roles_of
from rota.store import models

ORDER = "USERS"


@strawberry.type(description="A person or program with an account.")
class User(Node):
    row: strawberry.Private[models.User]
    username: str = strawberry.field(description="The name to sign in with; upper and lower case are the same name.")
    email: str | None = strawberry.field(description="Where mail goes.")
    roles: list[Role] = strawberry.field(description="What the account may do.")
    created_at: Instant = strawberry.field(description="When it was made.")

    @classmethod
    def of(cls, row: models.User) -> Self:
        """The row as clients see it."""
        roles = roles_of(row)
        return cls(
            id=strawberry.ID(row.id),
            row=row,
            username=row.username,
            email=row.email,
            roles=[role for role in Role if role in roles],
            created_at=Instant(row.created_at),
        )

    @strawberry.field(description="Since when nobody gets in by it; null while it may be used.")
    def disabled_at(self) -> Instant | None:
        return None if self.row.disabled_at is None else Instant(self.row.disabled_at)

    @strawberry.field(
        description="When one of its sessions or tokens was last used, to five minutes; for itself and administrators, else null."
    )
    def last_seen_at(self, info: Info) -> Instant | None:
        return Instant(self.row.seen_at) if self.row.seen_at is not None and self._is_open(info) else None

    @strawberry.field(description="How many browsers are signed in to it; for itself and administrators, else null.")
    async def session_count(self, info: Info) -> int | None:
        return (await info.context.loaders.keys_of(self.row.id)).sessions if self._is_open(info) else None

    @strawberry.field(description="How many good API tokens it has; for itself and administrators, else null.")
    async def token_count(self, info: Info) -> int | None:
        return (await info.context.loaders.keys_of(self.row.id)).tokens if self._is_open(info) else None

    def _is_open(self, info: Info) -> bool:
        viewer = info.context.viewer
        return viewer is not None and (viewer.is_admin or viewer.user_id == self.row.id)


@strawberry.type(description="An account in a page, with its cursor.")
class UserEdge:
    cursor: str = strawberry.field(description="Opaque; good for lists of accounts.")
    node: User = strawberry.field(description="The account.")


@strawberry.type(description="A page of accounts, the newest first.")
class UserConnection:
    edges: list[UserEdge] = strawberry.field(description="The accounts with their cursors.")
    nodes: list[User] = strawberry.field(description="The accounts alone.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")

    @classmethod
    def of(cls, rows: Sequence[models.User], *, has_next: bool, has_previous: bool) -> Self:
        """A page of rows as administrators see it."""
        edges = [UserEdge(cursor=cursor_of(ORDER, 0, row.id), node=User.of(row)) for row in rows]
        info = PageInfo.of([edge.cursor for edge in edges], has_next=has_next, has_previous=has_previous)
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=info)


@strawberry.type(description="The key of a program; its secret is shown only when it is made.")
class ApiToken(Node):
    name: str = strawberry.field(description="What its owner calls it.")
    created_at: Instant = strawberry.field(description="When it was made.")
    expires_at: Instant | None = strawberry.field(description="When it ends; null for never.")
    used_at: Instant | None = strawberry.field(description="When it was last used, to the minute; null for never.")

    @classmethod
    def of(cls, row: models.ApiToken) -> Self:
        """The row as its owner sees it."""
        return cls(
            id=strawberry.ID(row.id),
            name=row.name,
            created_at=Instant(row.created_at),
            expires_at=None if row.expires_at is None else Instant(row.expires_at),
            used_at=None if row.used_at is None else Instant(row.used_at),
        )


@strawberry.input(description="A new account.")
class RegisterInput:
    username: str = strawberry.field(
        description="3 to 40 letters, digits, dots, dashes or underscores; unique, whatever the case."
    )
    password: str = strawberry.field(description="10 to 200 characters; not the name, and none of the commonest.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Where mail goes.")
    roles: list[Role] = strawberry.field(
        default_factory=lambda: [Role.CLIENT], description="At least one; ADMIN is given by administrators only."
    )


@strawberry.input(description="An account that an administrator makes.")
class UserInput:
    username: str = strawberry.field(
        description="3 to 40 letters, digits, dots, dashes or underscores; unique, whatever the case."
    )
    password: str | None = strawberry.field(
        default=strawberry.UNSET, description="10 to 200 characters; left out, one is made and shown once."
    )
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Where mail goes.")
    roles: list[Role] = strawberry.field(default_factory=lambda: [Role.CLIENT], description="At least one.")


@strawberry.type(description="The account as it is now, or errors.")
class UserPayload:
    user: User | None = strawberry.field(default=None, description="The account; null where there are errors.")
    password: str | None = strawberry.field(
        default=None, description="The password that was made for it, shown this once; null where none was made."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.input(description="Who signs in.")
class LoginInput:
    username: str = strawberry.field(description="The account's name, in whatever case.")
    password: str = strawberry.field(description="The account's password.")


@strawberry.input(description="Another password for who is signed in.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The one until now.")
    new_password: str = strawberry.field(description="10 to 200 characters.")


@strawberry.input(description="A new API token.")
class ApiTokenInput:
    name: str = strawberry.field(description="1 to 100 characters, for its owner to know it by.")
    expires_in_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 3,650; left out, it does not expire."
    )


@strawberry.type(description="Who is signed in now, or errors.")
class ViewerPayload:
    viewer: User | None = strawberry.field(default=None, description="The account; null where there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.type(description="Whether the session has ended.")
class LogoutPayload:
    ok: bool = strawberry.field(default=False, description="True where a session was ended.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.type(description="A new API token; `secret` is shown once.")
class ApiTokenPayload:
    id: strawberry.ID | None = strawberry.field(default=None, description="The token's id, to revoke it by.")
    secret: str | None = strawberry.field(
        default=None, description="Send it as `Authorization: Bearer ...`; it cannot be shown again."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )


@strawberry.type(description="The token that was revoked, or errors.")
class RevokeApiTokenPayload:
    id: strawberry.ID | None = strawberry.field(default=None, description="The token that was revoked.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What went wrong; empty where nothing did."
    )
