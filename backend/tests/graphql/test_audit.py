"""The trail: every mutation leaves one entry, without secrets; who may read it; how long it is kept."""

import contextlib
from pathlib import Path
from typing import Any

import pytest

from rota.coordinator import retention
from rota.domain.retention import DAY_MS
from rota.graphql.schema import schema
from rota.operations.trail import Trail
from rota.store.database import Database
from rota.wiring import open_platform
from tests.graphql.conftest import Api
from tests.graphql.test_rights import RULES, document
from tests.support.rota import SetClock, settings_for

READ = """query ($f: ActivityFilter, $n: Int, $a: String) { activity(filter: $f, first: $n, after: $a) {
    nodes { action outcome targets amount actorName actor { username } address requestId }
    pageInfo { hasNextPage endCursor } } }"""
SECRET = "hunter2-hunter2"


async def entries(api: Api, by: str = "root", **variables: Any) -> list[dict[str, Any]]:
    await api.platform.trail.drain()
    found: list[dict[str, Any]] = (await api.data(READ, by, **variables))["activity"]["nodes"]
    return found


async def raw(database: Database) -> list[dict[str, Any]]:
    async with database.read() as db:
        return await db.rows("SELECT * FROM audit ORDER BY id")


@pytest.mark.parametrize("name", sorted(schema._schema.mutation_type.fields))  # type: ignore[union-attr]
async def test_every_mutation_leaves_one_entry(api: Api, name: str) -> None:
    arguments, _ = RULES[f"Mutation.{name}"]
    await api.ask(document("Mutation", name, arguments.replace("{}", "root")), "root")
    (entry,) = await entries(api, f={"action": [name]})
    assert (entry["actorName"], entry["actor"], entry["requestId"], entry["address"]) == (
        "root", {"username": "root"}, "req-1", "192.0.2.1",
    )  # fmt: skip
    assert len(await raw(api.platform.database)) == 1


async def test_an_entry_says_what_it_was_about_and_how_it_went(api: Api) -> None:
    task = await api.submit(args={"a": 1, "b": 2}, title=SECRET, tags=["tag-" + SECRET])
    cancel = "mutation ($id: ID!) { cancelTask(id: $id) { errors { code } } }"
    await api.data(cancel, id=task["id"])
    await api.data(cancel, id=task["id"])
    await api.data(cancel, "bob", id=task["id"])
    await api.ask(cancel, "ann", id="nothing")
    await api.data('mutation { pauseQueue(name: "default") { errors { code } } }')
    told = [(one["actorName"], one["action"], one["outcome"], one["targets"]) for one in await entries(api)]
    assert list(reversed(told)) == [
        ("ann", "submitTask", "OK", ["multiply", task["id"]]),
        ("ann", "cancelTask", "OK", [task["id"]]),
        ("ann", "cancelTask", "CONFLICT", [task["id"]]),
        ("bob", "cancelTask", "NOT_FOUND", [task["id"]]),
        ("ann", "cancelTask", "BAD_USER_INPUT", []),
        ("ann", "pauseQueue", "FORBIDDEN", ["default"]),
    ]
    assert SECRET not in str(await raw(api.platform.database))


async def test_a_submit_of_many_is_one_entry(api: Api) -> None:
    wishes = [{"function": "multiply", "args": {"a": 6, "b": 7}}] * 50
    await api.data("mutation ($i: [SubmitTaskInput!]!) { submitTasks(inputs: $i) { errors { code } } }", i=wishes)
    (entry,) = await entries(api)
    assert (entry["action"], entry["amount"], len(entry["targets"])) == ("submitTasks", 50, 20)


async def test_two_in_one_document_are_two(api: Api) -> None:
    await api.ask('mutation { a: pauseQueue(name: "default") { errors { code } } b: resumeQueue(name: "x") { errors { code } } }', "root")  # fmt: skip
    assert [(one["action"], one["outcome"]) for one in await entries(api)] == [
        ("resumeQueue", "NOT_FOUND"), ("pauseQueue", "OK"),
    ]  # fmt: skip


async def test_signing_in_leaves_no_secret(api: Api) -> None:
    register = "mutation ($i: RegisterInput!) { register(input: $i) { errors { code } } }"
    login = "mutation ($i: LoginInput!) { login(input: $i) { errors { code } } }"
    assert (await api.data(register, "nobody", i={"username": "new", "password": SECRET}))["register"]["errors"] == []
    await api.data(login, "nobody", i={"username": "new", "password": SECRET})
    await api.data(login, "nobody", i={"username": SECRET, "password": "new"})  # the fields mixed up
    await api.data(login, "nobody", i={"username": "new", "password": "guessed"})
    made = (await api.data('mutation { createApiToken(input: {name: "ci"}) { id secret } }'))["createApiToken"]
    told = [(one["actorName"], one["action"], one["outcome"], one["targets"]) for one in reversed(await entries(api))]
    assert [one[:3] for one in told] == [
        ("new", "register", "OK"),
        ("new", "login", "OK"),
        (None, "login", "INVALID"),
        (None, "login", "INVALID"),
        ("ann", "createApiToken", "OK"),
    ]
    assert told[2][3] == []
    assert told[3][3] == told[1][3]  # an account that is there is told by its id, whoever tried
    assert told[4][3] == ["ci", made["id"]]
    kept = str(await raw(api.platform.database))
    assert SECRET not in kept
    assert made["secret"] not in kept


async def test_strangers_leave_no_flood(api: Api) -> None:
    for _ in range(3):
        await api.ask('mutation { pauseQueue(name: "default") { errors { code } } }', "nobody")
    assert await entries(api) == []


async def test_each_sees_what_they_did(api: Api) -> None:
    await api.submit("ann")
    await api.submit("bob")
    assert [one["actorName"] for one in await entries(api, "ann")] == ["ann"]
    assert [one["address"] for one in await entries(api, "ann")] == [None]
    assert [one["actorName"] for one in await entries(api)] == ["bob", "ann"]
    bob = api.callers["bob"]
    assert bob is not None
    assert await entries(api, "ann", f={"actorId": bob.viewer.user_id}) == []
    assert len(await entries(api, "root", f={"actorId": bob.viewer.user_id})) == 1


async def test_it_is_read_in_pages_and_filtered(api: Api) -> None:
    tasks = [await api.submit() for _ in range(3)]
    await api.data("mutation ($id: ID!) { cancelTask(id: $id) { errors { code } } }", id=tasks[0]["id"])
    await api.platform.trail.drain()
    first = (await api.data(READ, n=2))["activity"]
    assert [node["action"] for node in first["nodes"]] == ["cancelTask", "submitTask"]
    assert first["pageInfo"]["hasNextPage"]
    rest = (await api.data(READ, n=2, a=first["pageInfo"]["endCursor"]))["activity"]
    assert [node["targets"][1] for node in rest["nodes"]] == [tasks[1]["id"], tasks[0]["id"]]
    assert not rest["pageInfo"]["hasNextPage"]
    about = await entries(api, f={"target": tasks[0]["id"]})
    assert [one["action"] for one in about] == ["cancelTask", "submitTask"]
    assert len(await entries(api, f={"outcome": ["CONFLICT"]})) == 0
    assert len(await entries(api, f={"since": "2999-01-01T00:00:00Z"})) == 0
    assert len(await entries(api, f={"until": "2999-01-01T00:00:00Z", "action": ["submitTask"]})) == 3
    assert (await api.refusal(READ, f={"actorId": "x"}))[0] == "BAD_USER_INPUT"
    assert (await api.refusal(READ, a="x"))[0] == "BAD_USER_INPUT"


async def test_nothing_is_lost_when_a_process_ends(database_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url, redis_url, tmp_path)
    async with open_platform(settings) as platform:
        for number in range(3):
            platform.trail.note("x", "OK", None, [str(number)], 1, address="", request_id="")
    async with open_platform(settings) as platform:
        assert [row["targets"] for row in await raw(platform.database)] == ['["0"]', '["1"]', '["2"]']


async def test_entries_wait_for_the_database(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    trail = Trail(api.platform.database, api.platform.clock, api.platform.announcer)
    trail.note("x", "OK", None, [], 1, address="", request_id="")

    @contextlib.asynccontextmanager
    async def lost(self: Database) -> Any:
        async with begin(self) as db:
            yield db
        raise ConnectionError("the commit's answer was lost")

    begin = Database.transaction
    with monkeypatch.context() as patched:
        patched.setattr(Database, "transaction", lost)
        with pytest.raises(ConnectionError):
            await trail.drain()
    await trail.drain()
    assert len(await raw(api.platform.database)) == 1


async def test_it_is_kept_for_a_time(database_url: str, redis_url: str, tmp_path: Path) -> None:
    clock = SetClock()
    settings = settings_for(database_url, redis_url, tmp_path, audit_days=2.0)

    async def rest(_: float) -> None: ...

    async with open_platform(settings, clock) as platform:
        platform.trail.note("x", "OK", None, [], 1, address="", request_id="")
        await platform.trail.drain()
        clock.ahead_ms += 2 * DAY_MS - 600_000
        assert await retention.prune_trail(platform, rest) == 0
        clock.ahead_ms += 1_200_000
        assert await retention.prune_trail(platform, rest) == 1
        assert await raw(platform.database) == []
