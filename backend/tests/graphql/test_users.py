"""Accounts as administrators keep them: made, given roles, disabled, signed out; and never without an administrator."""

import asyncio
from typing import Any

import pytest

from rota import ids
from rota.domain.access import Role
from rota.domain.errors import Conflict, Invalid
from rota.operations import accounts, users
from rota.web.edge import CHECK_RIGHTS_S
from tests.graphql.conftest import Api
from tests.support.web import Account, Served

PASSWORD = "long enough to do"
FIELDS = "id username roles disabledAt lastSeenAt sessionCount tokenCount"
LIST = f"query ($s: String, $n: Int, $a: String) {{ users(search: $s, first: $n, after: $a) {{ nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }}"
CREATE = f"mutation ($i: UserInput!) {{ createUser(input: $i) {{ user {{ {FIELDS} }} password errors {{ code message path }} }} }}"
ROLES = "mutation ($id: ID!, $r: [Role!]!) { setUserRoles(id: $id, roles: $r) { user { roles } errors { code path } } }"
RESET = "mutation ($id: ID!, $p: String) { setUserPassword(id: $id, password: $p) { user { sessionCount } password errors { code } } }"
CHANGES = "subscription { tasksChanged { cursor } }"


def act(name: str) -> str:
    return f"mutation ($id: ID!) {{ {name}(id: $id) {{ user {{ {FIELDS} }} errors {{ code message path }} }} }}"


async def made(api: Api, name: str = "eve", **more: Any) -> dict[str, Any]:
    payload = (await api.data(CREATE, "root", i={"username": name, **more}))["createUser"]
    assert payload["errors"] == []
    found: dict[str, Any] = payload
    return found


async def test_an_account_is_made_with_a_password_that_is_shown_once(api: Api) -> None:
    payload = await made(api, roles=["CLIENT", "WORKER"])
    user = payload["user"]
    assert (user["username"], user["roles"], user["sessionCount"]) == ("eve", ["CLIENT", "WORKER"], 0)
    signed_in, _ = await accounts.login(api.platform, "eve", payload["password"], "")
    assert signed_in.id == user["id"]
    chosen = await made(api, "fay", password=PASSWORD)
    assert chosen["password"] is None
    again = (await api.data(CREATE, "root", i={"username": "EVE"}))["createUser"]
    assert [(error["code"], error["path"]) for error in again["errors"]] == [("CONFLICT", ["input", "username"])]


async def test_the_list_is_paged_searched_and_counts_keys(api: Api) -> None:
    for name in ("eve", "fay", "faye"):
        await made(api, name, password=PASSWORD)
    _, secret = await accounts.login(api.platform, "fay", PASSWORD, "")
    fay = await accounts.by_session(api.platform, secret)
    assert fay is not None
    await accounts.create_token(api.platform, fay.viewer, "mine", None)
    found = (await api.data(LIST, "root", s="FAY"))["users"]["nodes"]
    assert [user["username"] for user in found] == ["faye", "fay"]
    assert (found[1]["sessionCount"], found[1]["tokenCount"]) == (1, 1)
    assert found[1]["lastSeenAt"] is not None
    assert found[0]["lastSeenAt"] is None
    first = (await api.data(LIST, "root", n=2))["users"]
    assert first["pageInfo"]["hasNextPage"] is True
    rest = (await api.data(LIST, "root", a=first["pageInfo"]["endCursor"]))["users"]["nodes"]
    names = [user["username"] for user in [*first["nodes"], *rest]]
    assert (await api.data(LIST, "root", s="x" * 300))["users"]["nodes"] == []
    assert (await api.data(LIST, "root", s="%"))["users"]["nodes"] == []
    assert names == ["faye", "fay", "eve", "root", "wil", "bob", "ann"]


async def test_what_others_hear_of_an_account(api: Api) -> None:
    document = "query ($id: ID!) { node(id: $id) { ... on User { username lastSeenAt sessionCount tokenCount } } }"
    ann = api.callers["ann"]
    assert ann is not None
    assert (await api.data(document, "ann", id=ann.viewer.user_id))["node"]["sessionCount"] == 0
    assert (await api.data(document, "bob", id=ann.viewer.user_id))["node"] is None
    task = await api.submit("ann")
    owner = "query ($id: ID!) { task(id: $id) { owner { username sessionCount lastSeenAt } } }"
    assert (await api.data(owner, "root", id=task["id"]))["task"]["owner"]["sessionCount"] == 0


async def test_who_is_disabled_gets_in_by_nothing_until_enabled(api: Api) -> None:
    user_id = (await made(api, password=PASSWORD))["user"]["id"]
    _, session = await accounts.login(api.platform, "eve", PASSWORD, "")
    signed_in = await accounts.by_session(api.platform, session)
    assert signed_in is not None
    _, token = await accounts.create_token(api.platform, signed_in.viewer, "mine", None)
    held = await accounts.by_token(api.platform, token)
    assert held is not None

    disabled = (await api.data(act("disableUser"), "root", id=user_id))["disableUser"]
    assert disabled["errors"] == []
    assert disabled["user"]["disabledAt"] is not None
    assert await accounts.by_session(api.platform, session) is None
    assert await accounts.by_token(api.platform, token) is None
    assert await accounts.still(api.platform, [signed_in, held]) == {signed_in: None, held: None}
    with pytest.raises(Invalid, match="disabled"):
        await accounts.login(api.platform, "eve", PASSWORD, "")
    with pytest.raises(Invalid, match="Wrong name or password"):  # who does not know it is told nothing
        await accounts.login(api.platform, "eve", "another password", "")

    enabled = (await api.data(act("enableUser"), "root", id=user_id))["enableUser"]
    assert enabled["user"]["disabledAt"] is None
    assert await accounts.by_session(api.platform, session) is None  # what ended stays ended
    assert await accounts.by_token(api.platform, token) is not None
    await accounts.login(api.platform, "eve", PASSWORD, "")


async def test_a_new_password_ends_the_sessions_and_the_old_one(api: Api) -> None:
    user_id = (await made(api, password=PASSWORD))["user"]["id"]
    _, session = await accounts.login(api.platform, "eve", PASSWORD, "")
    payload = (await api.data(RESET, "root", id=user_id))["setUserPassword"]
    assert payload["user"]["sessionCount"] == 0
    assert await accounts.by_session(api.platform, session) is None
    with pytest.raises(Invalid):
        await accounts.login(api.platform, "eve", PASSWORD, "")
    await accounts.login(api.platform, "eve", payload["password"], "")
    weak = (await api.data(RESET, "root", id=user_id, p="eve"))["setUserPassword"]
    assert [error["code"] for error in weak["errors"]] == ["INVALID"]


async def test_sessions_are_ended_and_tokens_stay(api: Api) -> None:
    user_id = (await made(api, password=PASSWORD))["user"]["id"]
    await accounts.login(api.platform, "eve", PASSWORD, "")
    _, session = await accounts.login(api.platform, "eve", PASSWORD, "")
    signed_in = await accounts.by_session(api.platform, session)
    assert signed_in is not None
    _, token = await accounts.create_token(api.platform, signed_in.viewer, "mine", None)
    (user,) = (await api.data(LIST, "root", s="eve"))["users"]["nodes"]
    assert user["sessionCount"] == 2
    ended = (await api.data(act("endUserSessions"), "root", id=user_id))["endUserSessions"]["user"]
    assert (ended["sessionCount"], ended["tokenCount"]) == (0, 1)
    assert await accounts.by_token(api.platform, token) is not None


async def test_the_last_administrator_stays_one(api: Api) -> None:
    root = api.callers["root"]
    assert root is not None
    alone = (await api.data(ROLES, "root", id=root.viewer.user_id, r=["CLIENT"]))["setUserRoles"]
    assert alone == {"user": None, "errors": [{"code": "CONFLICT", "path": ["roles"]}]}
    itself = (await api.data(act("disableUser"), "root", id=root.viewer.user_id))["disableUser"]
    assert [error["code"] for error in itself["errors"]] == ["CONFLICT"]

    second = (await made(api, "rex", roles=["ADMIN"]))["user"]["id"]
    await api.data(act("disableUser"), "root", id=second)
    # One who is disabled does not count.
    alone = (await api.data(ROLES, "root", id=root.viewer.user_id, r=["CLIENT"]))["setUserRoles"]
    assert [error["code"] for error in alone["errors"]] == ["CONFLICT"]
    await api.data(act("enableUser"), "root", id=second)
    gone = (await api.data(ROLES, "root", id=root.viewer.user_id, r=["CLIENT"]))["setUserRoles"]
    assert gone == {"user": {"roles": ["CLIENT"]}, "errors": []}
    none = (await api.data(ROLES, "root", id=second, r=[]))["setUserRoles"]
    assert [error["code"] for error in none["errors"]] == ["INVALID"]


async def test_two_administrators_cannot_demote_each_other_at_once(api: Api) -> None:
    root, second = api.callers["root"], await api.user("rex", Role.ADMIN)
    assert root is not None
    answers = await asyncio.gather(
        users.set_roles(api.platform, root.viewer, second.viewer.user_id, [Role.CLIENT]),
        users.disable(api.platform, second.viewer, root.viewer.user_id),
        return_exceptions=True,
    )
    assert [isinstance(answer, Conflict) for answer in answers].count(True) == 1, answers


async def test_an_unknown_account_is_said_to_be_none(api: Api) -> None:
    payload = (await api.data(act("enableUser"), "root", id=ids.new_id(ids.USER)))["enableUser"]
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [("NOT_FOUND", ["id"])]


@pytest.mark.parametrize("action", ["disable", "roles", "password", "sessions"])
async def test_streams_end_soon_after_the_rights_behind_them(served: Served, admin: Account, action: str) -> None:
    eve = await served.account(Role.CLIENT)
    platform, by = served.platform, admin.viewer
    async with served.talk(eve) as talk:
        await talk.subscribe(CHANGES)
        await served.settled(watching=1)
        if action == "disable":
            await users.disable(platform, by, eve.user.id)
        elif action == "roles":
            await users.set_roles(platform, by, eve.user.id, [Role.WORKER])
        elif action == "password":
            await users.set_password(platform, by, eve.user.id, None)
        else:
            await users.end_sessions(platform, by, eve.user.id)
        code, reason = await talk.closed()
    assert (code, reason) == ((4403, "Your rights have changed; connect again.") if action == "roles" else (4401, "The session has ended.")), (code, reason)  # fmt: skip
    assert CHECK_RIGHTS_S <= 4  # and a moment for the question: within five seconds
