"""Signing up, in and out, and API tokens."""

from typing import Annotated

import strawberry

from rota import ids
from rota.domain.errors import Invalid, SignInRefused
from rota.graphql.context import Context, Info
from rota.graphql.errors import answered
from rota.graphql.types.accounts import (
    ApiToken,
    ApiTokenInput,
    ApiTokenPayload,
    ChangePasswordInput,
    LoginInput,
    LogoutPayload,
    RegisterInput,
    RevokeApiTokenPayload,
    User,
    ViewerPayload,
)
from rota.graphql.types.inputs import given
from rota.operations import accounts as operations
from rota.store import users


@strawberry.type
class AccountQueries:
    @strawberry.field(description="Who asks; null where nobody is signed in.")
    async def viewer(self, info: Info) -> User | None:
        viewer = info.context.viewer
        row = await info.context.loaders.user(viewer.user_id) if viewer else None
        return User.of(row) if row else None

    @strawberry.field(description="The viewer's own API tokens that were not revoked, the newest first.")
    async def api_tokens(self, info: Info) -> list[ApiToken]:
        viewer = info.context.need_viewer()
        async with info.context.platform.database.read() as db:
            return [ApiToken.of(row) for row in await users.tokens_of(db, viewer.user_id)]


@strawberry.type
class AccountMutations:
    @strawberry.mutation(
        description="Makes an account. Whoever was not signed in is signed in to it, with a session cookie."
    )
    async def register(
        self,
        info: Info,
        given_input: Annotated[RegisterInput, strawberry.argument(name="input", description="The new account.")],
    ) -> ViewerPayload:
        return await answered(ViewerPayload, _register(info.context, given_input), "input")

    @strawberry.mutation(description="Starts a session, with a cookie. Limited by account and by address.")
    async def login(
        self,
        info: Info,
        given_input: Annotated[LoginInput, strawberry.argument(name="input", description="Who signs in.")],
    ) -> ViewerPayload:
        return await answered(ViewerPayload, _login(info.context, given_input), "input")

    @strawberry.mutation(description="Ends the session that this is asked with.")
    async def logout(self, info: Info) -> LogoutPayload:
        return await answered(LogoutPayload, _logout(info.context))

    @strawberry.mutation(
        description=(
            "Changes the viewer's own password and ends the viewer's other sessions; API tokens stay, and cannot do this. Limited "
            "as signing in is."
        )
    )
    async def change_password(
        self,
        info: Info,
        given_input: Annotated[
            ChangePasswordInput, strawberry.argument(name="input", description="The password until now, and the next.")
        ],
    ) -> ViewerPayload:
        return await answered(ViewerPayload, _change_password(info.context, given_input), "input")

    @strawberry.mutation(description="Makes an API token for the viewer. Its secret is shown this once.")
    async def create_api_token(
        self,
        info: Info,
        given_input: Annotated[ApiTokenInput, strawberry.argument(name="input", description="The new token.")],
    ) -> ApiTokenPayload:
        return await answered(ApiTokenPayload, _create_token(info.context, given_input), "input")

    @strawberry.mutation(description="Ends one of the viewer's own API tokens, at once.")
    async def revoke_api_token(
        self,
        info: Info,
        token_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The token's id.")],
    ) -> RevokeApiTokenPayload:
        return await answered(RevokeApiTokenPayload, _revoke_token(info.context, token_id))


async def _register(context: Context, wanted: RegisterInput) -> ViewerPayload:
    if context.viewer is None:
        context.need_cookies()
    user = await operations.register(
        context.platform,
        wanted.username,
        wanted.password,
        given(wanted.email),
        wanted.roles,
        context.viewer,
        context.address,
    )
    if context.viewer is None:
        context.new_session = await operations.open_session(context.platform, user)
    return ViewerPayload(viewer=User.of(user))


async def _login(context: Context, wanted: LoginInput) -> ViewerPayload:
    context.need_cookies()
    try:
        user, secret = await operations.login(context.platform, wanted.username, wanted.password, context.address)
    except SignInRefused as refused:
        context.refused_id = refused.user_id
        raise
    if context.signed_in is not None and context.signed_in.session_key is not None:
        await operations.logout(context.platform, context.signed_in.session_key)
    context.new_session = secret
    return ViewerPayload(viewer=User.of(user))


async def _logout(context: Context) -> LogoutPayload:
    context.need_viewer()
    if context.signed_in is None or context.signed_in.session_key is None:
        raise Invalid("You are signed in by an API token; revoke it to end it.")
    await operations.logout(context.platform, context.signed_in.session_key)
    context.ends_session = True
    return LogoutPayload(ok=True)


async def _change_password(context: Context, wanted: ChangePasswordInput) -> ViewerPayload:
    context.need_viewer()
    assert context.signed_in is not None
    user = await operations.change_password(
        context.platform, context.signed_in, wanted.current_password, wanted.new_password, context.address
    )
    return ViewerPayload(viewer=User.of(user))


async def _create_token(context: Context, wanted: ApiTokenInput) -> ApiTokenPayload:
    viewer = context.need_viewer()
    token, secret = await operations.create_token(context.platform, viewer, wanted.name, given(wanted.expires_in_days))
    return ApiTokenPayload(id=strawberry.ID(token.id), secret=secret)


async def _revoke_token(context: Context, token_id: str) -> RevokeApiTokenPayload:
    viewer = context.need_viewer()
    await operations.revoke_token(context.platform, viewer, ids.parse_id(ids.TOKEN, token_id))
    return RevokeApiTokenPayload(id=strawberry.ID(token_id))
