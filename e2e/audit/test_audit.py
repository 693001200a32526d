"""GraphQL over HTTP to the letter: graphql-http's audit suite against a served Rota."""

import asyncio
import json
from pathlib import Path

from rota.settings import Settings
from tests.support.web import open_served

E2E = Path(__file__).resolve().parents[1]
CHECKS = 61


async def test_all_audits_pass(settings: Settings) -> None:
    assert (E2E / "node_modules" / "graphql-http").is_dir(), "its packages are not installed: npx -y rust-just audit"
    async with open_served(settings) as served:
        audit = await asyncio.create_subprocess_exec(
            "node",
            str(E2E / "audit" / "audit.mjs"),
            f"{served.url}/graphql",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await asyncio.wait_for(audit.communicate(), 180)
    assert audit.returncode == 0, complained.decode()
    results = [json.loads(line) for line in said.splitlines()]
    # A warning is something that the suite wishes for; we grant all of it.
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == CHECKS
