"""Accounts through the schema: what is noted for the cookie, and errors where the input is at fault."""

import pytest

from rota.domain.access import Role
from rota.domain.errors import Invalid
from rota.operations import accounts
from tests.graphql.conftest import Api

PASSWORD = "long enough to do"
REGISTER = """mutation ($i: RegisterInput!) { register(input: $i) {
  viewer { id username email roles createdAt } errors { code message path } } }"""
CHANGE = "mutation ($i: ChangePasswordInput!) { changePassword(input: $i) { viewer { username } errors { code message path } } }"
LOGIN = "mutation ($i: LoginInput!) { login(input: $i) { viewer { username } errors { code message path } } }"


async def test_an_account_is_made_and_signed_in(api: Api) -> None:
    made = await api.data(REGISTER, "nobody", i={"username": "Zoe", "password": PASSWORD, "email": "z@example.org"})
    viewer = made["register"]["viewer"]
    assert (viewer["username"], viewer["email"], viewer["roles"]) == ("Zoe", "z@example.org", ["CLIENT"])
    assert api.last is not None
    assert api.last.new_session is not None
    signed_in = await accounts.by_session(api.platform, api.last.new_session)
    assert signed_in is not None
    assert signed_in.viewer.user_id == viewer["id"]
    api.callers["zoe"] = signed_in
    assert (await api.data("{ viewer { username } }", "zoe"))["viewer"] == {"username": "Zoe"}
    await api.data("mutation { logout { ok } }", "zoe")
    assert api.last.ends_session
    assert await accounts.by_session(api.platform, api.last.new_session or "") is None


async def test_an_administrator_who_makes_an_account_stays_who_they_are(api: Api) -> None:
    wish = {"username": "boss2", "password": PASSWORD, "roles": ["ADMIN", "CLIENT"]}
    made = (await api.data(REGISTER, "root", i=wish))["register"]
    assert made["viewer"]["roles"] == ["CLIENT", "ADMIN"]
    assert api.last is not None
    assert api.last.new_session is None


async def test_registration_says_what_is_wrong_and_where(api: Api) -> None:
    for wish, code, path in (
        ({"username": "ad", "password": PASSWORD}, "INVALID", ["input", "username"]),
        ({"username": "ann", "password": PASSWORD}, "CONFLICT", ["input", "username"]),
        ({"username": "ANN", "password": PASSWORD}, "CONFLICT", ["input", "username"]),
        ({"username": "zoe", "password": "short"}, "INVALID", ["input", "password"]),
        ({"username": "zoe", "password": PASSWORD, "email": "no"}, "INVALID", ["input", "email"]),
        ({"username": "zoe", "password": PASSWORD, "roles": []}, "INVALID", ["input", "roles"]),
        ({"username": "zoe", "password": PASSWORD, "roles": ["ADMIN"]}, "FORBIDDEN", ["input", "roles"]),
    ):
        payload = (await api.data(REGISTER, "ann", i=wish))["register"]
        assert payload["viewer"] is None
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]


async def test_signing_in_notes_a_session_and_ends_the_one_before(api: Api) -> None:
    await accounts.register(api.platform, "zoe", PASSWORD, None, [Role.CLIENT], None)
    wrong = (await api.data(LOGIN, "nobody", i={"username": "zoe", "password": "wrong password"}))["login"]
    unknown = (await api.data(LOGIN, "nobody", i={"username": "nobody-at-all", "password": "wrong password"}))["login"]
    assert wrong == unknown
    assert wrong["errors"][0]["path"] == ["input", "password"]
    assert noted(api) is None
    await api.data(LOGIN, "nobody", i={"username": "ZOE", "password": PASSWORD})
    first = noted(api) or ""
    api.callers["zoe"] = await accounts.by_session(api.platform, first)
    await api.data(LOGIN, "zoe", i={"username": "zoe", "password": PASSWORD})
    assert await accounts.by_session(api.platform, first) is None
    assert await accounts.by_session(api.platform, noted(api) or "") is not None


async def test_a_changed_password_ends_the_other_sessions_and_the_old_one(api: Api) -> None:
    user = await accounts.register(api.platform, "zoe", PASSWORD, None, [Role.CLIENT], None)
    here, elsewhere = [await accounts.open_session(api.platform, user) for _ in range(2)]
    signed_in = await accounts.by_session(api.platform, here)
    assert signed_in is not None
    api.callers["zoe"] = signed_in
    token, secret = await accounts.create_token(api.platform, signed_in.viewer, "mine", None)
    api.callers["zoe's program"] = signed_in._replace(session_key=None, token_id=token.id)
    new = "another that is long"
    for by, current, wanted, code, path in (
        ("zoe", "wrong password", new, "INVALID", ["input", "currentPassword"]),
        ("zoe", PASSWORD, "short", "INVALID", ["input", "newPassword"]),
        ("zoe", PASSWORD, PASSWORD, "INVALID", ["input", "newPassword"]),
        ("zoe's program", PASSWORD, new, "FORBIDDEN", []),
    ):
        wish = {"currentPassword": current, "newPassword": wanted}
        payload = (await api.data(CHANGE, by, i=wish))["changePassword"]
        assert payload["viewer"] is None
        assert [(error["code"], error["path"] or []) for error in payload["errors"]] == [(code, path)]
    assert await accounts.by_session(api.platform, elsewhere) is not None

    wish = {"currentPassword": PASSWORD, "newPassword": new}
    changed = (await api.data(CHANGE, "zoe", i=wish))["changePassword"]
    assert changed == {"viewer": {"username": "zoe"}, "errors": []}
    assert await accounts.by_session(api.platform, here) is not None
    assert await accounts.by_session(api.platform, elsewhere) is None
    assert await accounts.by_token(api.platform, secret) is not None
    await accounts.login(api.platform, "zoe", new, "")
    with pytest.raises(Invalid):
        await accounts.login(api.platform, "zoe", PASSWORD, "")


async def test_guesses_at_the_current_password_are_counted_as_sign_ins(api: Api) -> None:
    user = await accounts.register(api.platform, "zoe", PASSWORD, None, [Role.CLIENT], None)
    api.callers["zoe"] = await accounts.by_session(api.platform, await accounts.open_session(api.platform, user))
    wish = {"currentPassword": "wrong password", "newPassword": "another that is long"}
    for _ in range(10):
        (error,) = (await api.data(CHANGE, "zoe", i=wish))["changePassword"]["errors"]
        assert error["path"] == ["input", "currentPassword"]
    (refused,) = (await api.ask(CHANGE, "zoe", i={**wish, "currentPassword": PASSWORD}))["errors"]
    assert refused["extensions"]["code"] == "RATE_LIMITED"


async def test_too_many_sign_ins_are_told_to_wait(api: Api) -> None:
    wish = {"username": "ann", "password": "wrong password"}
    for _ in range(10):
        assert (await api.data(LOGIN, "nobody", i=wish))["login"]["errors"][0]["code"] == "INVALID"
    answer = await api.ask(LOGIN, "nobody", i={**wish, "username": "ANN"})
    extensions = answer["errors"][0]["extensions"]
    assert extensions["code"] == "RATE_LIMITED"
    assert 0 < extensions["retryAfterSeconds"] <= 60
    assert (await api.data(LOGIN, "nobody", i={**wish, "username": "bob"}))["login"]["errors"][0]["code"] == "INVALID"


async def test_tokens_are_made_listed_used_and_revoked(api: Api) -> None:
    make = "mutation ($i: ApiTokenInput!) { createApiToken(input: $i) { id secret errors { code path } } }"
    made = (await api.data(make, i={"name": "ci", "expiresInDays": 30}))["createApiToken"]
    assert made["secret"].startswith("rota_")
    signed_in = await accounts.by_token(api.platform, made["secret"])
    assert signed_in is not None
    assert signed_in.token_id == made["id"]
    api.callers["ci"] = signed_in
    listed = await api.data("{ apiTokens { id name expiresAt usedAt } viewer { username } }", "ci")
    assert listed["viewer"] == {"username": "ann"}
    assert [token["id"] for token in listed["apiTokens"]] == [made["id"]]
    assert listed["apiTokens"][0]["usedAt"] is not None
    node = "query ($id: ID!) { node(id: $id) { ... on ApiToken { name } } }"
    assert (await api.data(node, "ann", id=made["id"]))["node"] == {"name": "ci"}
    assert (await api.data(node, "root", id=made["id"]))["node"] is None
    assert (await api.data("mutation { logout { ok errors { code } } }", "ci"))["logout"]["ok"] is False
    revoke = "mutation ($id: ID!) { revokeApiToken(id: $id) { id errors { code } } }"
    assert (await api.data(revoke, "bob", id=made["id"]))["revokeApiToken"]["errors"] == [{"code": "NOT_FOUND"}]
    assert (await api.data(revoke, "ann", id=made["id"]))["revokeApiToken"] == {"id": made["id"], "errors": []}
    assert await accounts.by_token(api.platform, made["secret"]) is None
    for wish, path in (
        ({"name": " "}, ["input", "name"]),
        ({"name": "x", "expiresInDays": 0}, ["input", "expiresInDays"]),
    ):
        payload = (await api.data(make, i=wish))["createApiToken"]
        assert payload["errors"] == [{"code": "INVALID", "path": path}]


async def test_an_account_is_seen_by_itself_and_administrators(api: Api) -> None:
    ann = api.callers["ann"]
    assert ann is not None
    read = "query ($id: ID!) { node(id: $id) { ... on User { username } } }"
    for by, found in (("ann", {"username": "ann"}), ("root", {"username": "ann"}), ("bob", None)):
        assert (await api.data(read, by, id=ann.viewer.user_id))["node"] == found


def noted(api: Api) -> str | None:
    """The secret that the edge would put into the cookie."""
    assert api.last is not None
    return api.last.new_session
