"""A platform with one queue and a few functions, and callers of every kind who ask it through the schema."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rota import ids, jsontext
from rota.domain.access import Role
from rota.graphql.context import Context
from rota.graphql.hub import Hub
from rota.graphql.schema import schema
from rota.operations.accounts import SignedIn, viewer_of
from rota.operations.platform import Platform
from rota.settings import load_settings
from rota.store import functions, queues, users, workers
from rota.store.models import User
from rota.wiring import open_platform
from tests.support.rota import settings_for
from tests.support.web import Account, Served, open_served

QUEUE = "default"
MULTIPLY = {
    "name": "multiply",
    "description": "Multiplies.",
    "args_schema": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    },
    "example": {"a": 6, "b": 7},
    "queue": QUEUE,
    "default_priority": 5,
    "max_attempts": 3,
    "timeout_ms": None,
    "executor": "ASYNC",
    "backoff": None,
}
ECHO = {**MULTIPLY, "name": "echo", "description": "Gives back.", "args_schema": {"type": "object"}, "example": None}


@dataclass
class Api:
    """Asks the schema as one of its callers, and answers as a client would read it."""

    platform: Platform
    callers: dict[str, SignedIn | None] = field(default_factory=dict)
    last: Context | None = None
    hub: Hub | None = None

    async def ask(self, document: str, by: str = "ann", **variables: Any) -> dict[str, Any]:
        """The whole answer: data, errors."""
        self.last = Context(self.platform, self.callers[by], request_id="req-1", address="192.0.2.1", hub=self.hub)
        result = await schema.execute(document, variables, context_value=self.last)
        answer = {"data": result.data, "errors": [error.formatted for error in result.errors or []]}
        parsed: dict[str, Any] = jsontext.loads(jsontext.dumps(answer))
        return parsed

    async def data(self, document: str, by: str = "ann", **variables: Any) -> Any:
        """The data of an operation that goes well."""
        answer = await self.ask(document, by, **variables)
        assert answer["errors"] == []
        return answer["data"]

    async def refusal(self, document: str, by: str = "ann", **variables: Any) -> tuple[str, str]:
        """The code and message of the first top-level error."""
        answer = await self.ask(document, by, **variables)
        assert answer["errors"], answer
        assert answer["errors"][0]["extensions"]["requestId"] == "req-1"
        return answer["errors"][0]["extensions"]["code"], answer["errors"][0]["message"]

    async def submit(self, by: str = "ann", **wish: Any) -> dict[str, Any]:
        """A submitted task: its id and status."""
        wish = {"function": "multiply", "args": {"a": 6, "b": 7}, **wish}
        document = "mutation ($i: SubmitTaskInput!) { submitTask(input: $i) { task { id status } errors { message } } }"
        payload = (await self.data(document, by, i=wish))["submitTask"]
        assert payload["errors"] == []
        task: dict[str, Any] = payload["task"]
        return task

    async def user(self, name: str, *roles: Role) -> SignedIn:
        """Adds a user who is signed in, without a password that would take its time."""
        row = User(
            id=ids.new_id(ids.USER),
            username=name,
            username_key=name,
            email=None,
            password_hash="none",
            roles=",".join(roles),
            created_at=self.platform.clock.now_ms(),
        )
        async with self.platform.database.transaction() as db:
            await users.create(db, row)
        return SignedIn(viewer_of(row), session_key=f"session of {name}", token_id=None)

    async def worker(self, name: str = "worker-1", **given: Any) -> str:
        """Adds a worker as its heartbeats would; its id."""
        at = self.platform.clock.now_ms()
        row = {
            "id": ids.new_id(ids.WORKER),
            "name": name,
            "kind": "POOL",
            "status": "ONLINE",
            "queues": jsontext.dumps([QUEUE]),
            "slots": 2,
            "running_count": 0,
            "stealing": True,
            "is_stuck": False,
            "pool": None,
            "host": "host-1",
            "pid": 42,
            "started_at": at,
            "heartbeat_at": at,
            "ended_at": None,
            **given,
        }
        async with self.platform.database.transaction() as db:
            await workers.save(db, [row])
        worker_id: str = row["id"]
        return worker_id


@pytest.fixture
async def platform(database_url: str, redis_url: str) -> AsyncIterator[Platform]:
    """On real SQLite and PostgreSQL, with a real Redis; nothing runs beside it."""
    settings = load_settings(database_url=database_url, redis_url=redis_url)
    async with open_platform(settings) as platform:
        async with platform.database.transaction() as db:
            at = platform.clock.now_ms()
            await queues.ensure(db, [QUEUE, "other"], settings.level_ms, at)
            await functions.offer(db, [MULTIPLY, ECHO], at)
        yield platform


@pytest.fixture
async def api(platform: Platform) -> Api:
    """With the callers nobody, ann and bob (clients), wil (a worker alone) and root (an administrator)."""
    api = Api(platform, hub=Hub(platform))
    api.callers["nobody"] = None
    for name, role in (("ann", Role.CLIENT), ("bob", Role.CLIENT), ("wil", Role.WORKER), ("root", Role.ADMIN)):
        api.callers[name] = await api.user(name, role)
    return api


@pytest.fixture
async def served(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    """A served Rota on each kind of database."""
    async with open_served(settings_for(database_url, redis_url, tmp_path, port=0)) as served:
        yield served


@pytest.fixture
async def alice(served: Served) -> Account:
    return await served.account()


@pytest.fixture
async def admin(served: Served) -> Account:
    return await served.account(Role.CLIENT, Role.ADMIN)
