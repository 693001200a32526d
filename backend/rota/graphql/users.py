"""Accounts as administrators keep them."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from rota import ids
from rota.domain.errors import NotAllowed
from rota.graphql.context import Context, Info
from rota.graphql.errors import answered, without_nul
from rota.graphql.hub import hub_of, now_and_after
from rota.graphql.paging import MOST, page_size, parse_cursor
from rota.graphql.types.accounts import ORDER, User, UserConnection, UserInput, UserPayload
from rota.graphql.types.enums import Role
from rota.graphql.types.inputs import given
from rota.operations import users as operations

PAGE = 50
USERS_EVERY_S = 1.0  # at most

UserId = Annotated[strawberry.ID, strawberry.argument(name="id", description="The account's id.")]


@strawberry.type
class UserQueries:
    @strawberry.field(description="Accounts, the newest first. Administrators only.")
    async def users(
        self,
        info: Info,
        search: Annotated[
            str | None, strawberry.argument(description="A part of the name, in whatever case.")
        ] = strawberry.UNSET,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 200.")] = PAGE,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = strawberry.UNSET,
    ) -> UserConnection:
        viewer = info.context.need_viewer()
        wanted = given(search)
        cursor = parse_cursor(ORDER, given(after), ids.USER)
        rows, has_next = await operations.page(
            info.context.platform,
            viewer,
            None if wanted is None else without_nul("search", wanted),
            cursor[1] if cursor else None,
            page_size(first, PAGE),
        )
        return UserConnection.of(rows, has_next=has_next, has_previous=cursor is not None)


@strawberry.type
class UserMutations:
    @strawberry.mutation(
        description="Makes an account. Without a password one is made, and shown this once. Administrators only."
    )
    async def create_user(
        self,
        info: Info,
        wanted: Annotated[UserInput, strawberry.argument(name="input", description="The new account.")],
    ) -> UserPayload:
        return await answered(UserPayload, _create(info.context, wanted), "input")

    @strawberry.mutation(
        description=(
            "Gives an account these roles instead of its own; its streams end within 5 seconds, for they were opened with other "
            "rights. The last administrator stays one. Administrators only."
        )
    )
    async def set_user_roles(
        self,
        info: Info,
        user_id: UserId,
        roles: Annotated[list[Role], strawberry.argument(description="All of its roles, at least one.")],
    ) -> UserPayload:
        return await answered(UserPayload, _set_roles(info.context, user_id, roles))

    @strawberry.mutation(
        description=(
            "Nobody gets in by it until it is enabled: its sessions end, its tokens rest, its streams end within 5 seconds. Its "
            "tasks stay; its schedules make none. Not for oneself, nor for the last administrator. Administrators only."
        )
    )
    async def disable_user(self, info: Info, user_id: UserId) -> UserPayload:
        return await answered(UserPayload, _done(info.context, user_id, operations.disable))

    @strawberry.mutation(description="Lets a disabled account be used again. Administrators only.")
    async def enable_user(self, info: Info, user_id: UserId) -> UserPayload:
        return await answered(UserPayload, _done(info.context, user_id, operations.enable))

    @strawberry.mutation(
        description="Sets a new password and ends its sessions. Without one, one is made and shown this once. Administrators only."
    )
    async def set_user_password(
        self,
        info: Info,
        user_id: UserId,
        password: Annotated[
            str | None, strawberry.argument(description="10 to 200 characters; left out, one is made.")
        ] = strawberry.UNSET,
    ) -> UserPayload:
        return await answered(UserPayload, _set_password(info.context, user_id, given(password)))

    @strawberry.mutation(description="Signs an account out in all browsers; its API tokens stay. Administrators only.")
    async def end_user_sessions(self, info: Info, user_id: UserId) -> UserPayload:
        return await answered(UserPayload, _done(info.context, user_id, operations.end_sessions))


@strawberry.type
class UserSubscriptions:
    @strawberry.subscription(
        description=f"The newest {MOST} accounts: now, and after changes, once a second at most. Administrators only."
    )
    async def users_changed(self, info: Info) -> AsyncGenerator[list[User], None]:
        viewer, platform = info.context.need_viewer(), info.context.platform
        if not viewer.is_admin:
            raise NotAllowed("Only administrators see and change accounts.")

        async def read() -> list[User]:
            rows, _ = await operations.page(platform, viewer, None, None, MOST)
            return [User.of(row) for row in rows]

        wants = lambda batch: batch.users or batch.is_reset  # noqa: E731
        async for found in now_and_after(hub_of(info.context), "users", wants, read, USERS_EVERY_S):
            yield found


async def _create(context: Context, wanted: UserInput) -> UserPayload:
    user, made = await operations.create(
        context.platform,
        context.need_viewer(),
        wanted.username,
        given(wanted.password),
        given(wanted.email),
        wanted.roles,
    )
    return UserPayload(user=User.of(user), password=made)


async def _set_roles(context: Context, user_id: str, roles: list[Role]) -> UserPayload:
    viewer = context.need_viewer()
    row = await operations.set_roles(context.platform, viewer, ids.parse_id(ids.USER, user_id), roles)
    return UserPayload(user=User.of(row))


async def _set_password(context: Context, user_id: str, password: str | None) -> UserPayload:
    viewer = context.need_viewer()
    row, made = await operations.set_password(context.platform, viewer, ids.parse_id(ids.USER, user_id), password)
    return UserPayload(user=User.of(row), password=made)


async def _done(context: Context, user_id: str, do: operations.Do) -> UserPayload:
    viewer = context.need_viewer()
    return UserPayload(user=User.of(await do(context.platform, viewer, ids.parse_id(ids.USER, user_id))))
