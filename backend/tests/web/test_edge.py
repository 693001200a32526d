"""What the connections of a process share: their rights are asked for together, and each ends with its own."""

import asyncio
from collections.abc import Sequence

import pytest

from rota.operations import accounts
from rota.operations.accounts import SignedIn
from rota.store import users
from rota.store.database import Connection
from rota.store.models import User
from rota.web import edge
from rota.web.edge import Edge, Ended
from tests.support.web import Account, Served


async def test_many_sessions_are_asked_for_in_few_statements(
    served: Served, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "CHECK_RIGHTS_S", 0.02)
    monkeypatch.setattr(accounts, "ASKED_AT_ONCE", 50)
    asked: list[int] = []
    real = users.behind_sessions

    async def counted(db: Connection, keys: Sequence[str], at: int) -> dict[str, User]:
        asked.append(len(keys))
        return await real(db, keys, at)

    monkeypatch.setattr(users, "behind_sessions", counted)
    platform = served.platform
    signed_in: list[SignedIn] = []
    for _ in range(120):
        found = await accounts.by_session(platform, await accounts.open_session(platform, alice.user))
        assert found is not None
        signed_in.append(found)
    watching = Edge(platform, served.hub)
    streams = [asyncio.ensure_future(watching.guard(one)) for one in signed_in for _ in range(2)]
    looking = asyncio.create_task(watching.run())
    try:
        # One of each statement's; both of its streams end, and no other.
        for number in (0, 60, 119):
            await accounts.logout(platform, signed_in[number].session_key or "")
            ended = await asyncio.wait_for(
                asyncio.gather(*streams[number * 2 : number * 2 + 2], return_exceptions=True), 60
            )
            assert all(isinstance(error, Ended) and error.is_signed_out for error in ended)
        assert sum(stream.done() for stream in streams) == 6
        assert max(asked) == 50
        assert asked[:3] == [50, 50, 20]
    finally:
        for task in (looking, *streams):
            task.cancel()
        await asyncio.gather(looking, *streams, return_exceptions=True)


async def test_a_database_that_is_away_ends_no_stream(
    served: Served, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "CHECK_RIGHTS_S", 0.01)
    real, failed = users.behind_sessions, asyncio.Event()

    async def away(db: Connection, keys: Sequence[str], at: int) -> dict[str, User]:
        if not failed.is_set():
            failed.set()
            raise OSError("the database is away")
        return await real(db, keys, at)

    monkeypatch.setattr(users, "behind_sessions", away)
    signed_in = await accounts.by_session(served.platform, alice.secret)
    assert signed_in is not None
    watching = Edge(served.platform, served.hub)
    stream, looking = asyncio.ensure_future(watching.guard(signed_in)), asyncio.create_task(watching.run())
    try:
        await asyncio.wait_for(failed.wait(), 60)
        assert not stream.done()
        await accounts.logout(served.platform, signed_in.session_key or "")
        with pytest.raises(Ended):
            await asyncio.wait_for(stream, 60)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
