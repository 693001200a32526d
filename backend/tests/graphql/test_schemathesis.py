"""Every query and mutation with whatever schemathesis thinks of: no 5xx, nothing unmasked, nothing internal."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import graphql
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from rota.domain.access import Role
from rota.graphql.schema import schema
from rota.operations import accounts
from tests.support.rota import settings_for
from tests.support.web import open_served

EXAMPLES = 8
ANSWER_S = 120
KNOWN_CODES = {"BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED"}
JSON = ("{}", "{a: 6, b: 7}", '{a: "x", b: [1, 2.5e300, {c: null}]}', "[1]", "1" * 30, '"text"', "true", "null")
INSTANTS = ("2031-01-01T00:00:00Z", "1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59.999-23:59", "soon", "")

pytestmark = [pytest.mark.slow, pytest.mark.servers]
schemathesis.graphql.scalar("JSON", st.sampled_from(JSON).map(graphql.parse_value))
schemathesis.graphql.scalar("DateTime", st.sampled_from(INSTANTS).map(nodes.String))


class ServedApart:
    """A served Rota on an event loop of its own, in a thread, since schemathesis calls in plain code."""

    def __init__(self, database_url: str, redis_url: str, folder: Path) -> None:
        self._settings = settings_for(database_url, redis_url, folder, port=0)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="served")
        self.url = ""
        self.token = ""

    def __enter__(self) -> "ServedApart":
        self._thread.start()
        assert self._ready.wait(120), "Rota did not start"
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(120)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # noqa: BLE001  (raised again in the test's own thread)
            self._failure = error
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        async with open_served(self._settings) as served:
            account = await served.account(Role.CLIENT, Role.ADMIN)
            _, self.token = await accounts.create_token(served.platform, account.viewer, "schemathesis", None)
            self.url = f"{served.url}/graphql"
            self._ready.set()
            await self._over.wait()


@pytest.fixture
def served_apart(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[ServedApart]:
    with ServedApart(database_url, redis_url, tmp_path) as served:
        yield served


def test_whatever_is_asked_the_answer_is_one_that_was_meant(served_apart: ServedApart) -> None:
    headers = {"Authorization": f"Bearer {served_apart.token}"}
    found = schemathesis.graphql.from_url(served_apart.url, headers=headers)
    operations: list[Any] = [result.ok() for result in found.get_all_operations()]  # type: ignore[union-attr]
    roots = (schema._schema.query_type, schema._schema.mutation_type)
    assert {operation.label for operation in operations} == {
        f"{root.name}.{name}" for root in roots if root is not None for name in root.fields
    }
    for operation in operations:
        try_out(operation, headers)


def try_out(operation: Any, headers: dict[str, str]) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case: Any) -> None:
        for sent in (headers, {}):
            response = case.call(headers=sent, timeout=ANSWER_S)
            assert response.status_code in (200, 400), (case.body, response.text)
            body = response.json()
            codes = {error["extensions"]["code"] for error in body.get("errors", [])}
            assert codes <= KNOWN_CODES, (case.body, body)
            assert "data" in body or codes

    run()
