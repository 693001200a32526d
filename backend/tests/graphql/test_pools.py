"""Pools through the schema: started, changed, stopped; what is refused where."""

from typing import Any

from tests.graphql.conftest import Api

FIELDS = """id name slotsPerWorker minWorkers maxWorkers stealing desiredWorkers targetWaitSeconds dryRun isStopped
 queues { name } workers { name } decisions(first: 5) { at from to reason isDryRun }"""
ERRORS = "errors { code message path }"
START = f"mutation ($i: PoolInput!) {{ startPool(input: $i) {{ pool {{ {FIELDS} }} {ERRORS} }} }}"
UPDATE = f"mutation ($id: ID!, $i: PoolInput!) {{ updatePool(id: $id, input: $i) {{ pool {{ {FIELDS} }} {ERRORS} }} }}"
STOP = f"mutation ($id: ID!) {{ stopPool(id: $id) {{ pool {{ {FIELDS} }} {ERRORS} }} }}"


async def start(api: Api, **wish: Any) -> dict[str, Any]:
    payload = (await api.data(START, "root", i=wish))["startPool"]
    assert payload["errors"] == []
    pool: dict[str, Any] = payload["pool"]
    return pool


async def test_a_pool_is_started_changed_and_stopped(api: Api) -> None:
    made = await start(api, queues=["default"], minWorkers=2, maxWorkers=4, targetWaitSeconds=2.5, dryRun=True)
    (decision,) = made.pop("decisions")
    assert made.pop("id").startswith("pool_")
    assert made == {
        "name": "pool-1",
        "slotsPerWorker": 5,
        "minWorkers": 2,
        "maxWorkers": 4,
        "stealing": True,
        "desiredWorkers": 2,
        "targetWaitSeconds": 2.5,
        "dryRun": True,
        "isStopped": False,
        "queues": [{"name": "default"}],
        "workers": [],
    }
    assert (decision["from"], decision["to"], decision["isDryRun"]) == (0, 2, False)
    assert decision["reason"] == "Started by root with 2 to 4 workers."

    (listed,) = (await api.data(f"{{ pools {{ {FIELDS} }} }}", "root"))["pools"]
    for name, pool in (("w1", listed["id"]), ("elsewhere", "pool_other"), ("alone", None)):
        await api.worker(name, pool=pool)
    await api.worker("gone", pool=listed["id"], status="LOST", ended_at=1)
    wish = {"name": "mails", "maxWorkers": 1, "stealing": False, "slotsPerWorker": 3}
    changed = (await api.data(UPDATE, "root", id=listed["id"], i=wish))["updatePool"]["pool"]
    assert (changed["name"], changed["queues"], changed["stealing"]) == ("mails", [{"name": "default"}], False)
    assert (changed["desiredWorkers"], changed["dryRun"], changed["targetWaitSeconds"]) == (1, False, 10)
    assert changed["workers"] == [{"name": "w1"}]
    assert changed["decisions"][0]["reason"] == "root allows 1 worker."

    stopped = (await api.data(STOP, "root", id=listed["id"]))["stopPool"]["pool"]
    assert (stopped["isStopped"], stopped["desiredWorkers"]) == (True, 0)
    await start(api, name="young")
    names = [pool["name"] for pool in (await api.data("{ pools { name } }", "root"))["pools"]]
    assert names == ["young", "mails"]
    again = await start(api, name="mails")
    assert (again["id"], again["isStopped"]) == (listed["id"], False)


async def test_errors_lead_to_the_input_at_fault(api: Api) -> None:
    made = await start(api, name="p")
    for wish, code, path, words in (
        ({"name": "p"}, "CONFLICT", ["input", "name"], "already"),
        ({"name": "a b"}, "INVALID", ["input", "name"], "letter"),
        ({"queues": ["nowhere"]}, "INVALID", ["input", "queues"], "nowhere"),
        ({"slotsPerWorker": 0}, "INVALID", ["input", "slotsPerWorker"], "1 to 1000"),
        ({"minWorkers": 2, "maxWorkers": 1}, "INVALID", ["input", "maxWorkers"], "at least"),
        ({"maxWorkers": 501}, "INVALID", ["input", "maxWorkers"], "500"),
        ({"targetWaitSeconds": 0}, "INVALID", ["input", "targetWaitSeconds"], "0.1"),
        ({"targetWaitSeconds": -1e300}, "INVALID", ["input", "targetWaitSeconds"], "86400"),
    ):
        payload = (await api.data(START, "root", i=wish))["startPool"]
        assert payload["pool"] is None
        (error,) = payload["errors"]
        assert (error["code"], error["path"]) == (code, path)
        assert words in error["message"]
    second = await start(api)
    payload = (await api.data(UPDATE, "root", id=second["id"], i={"name": "p"}))["updatePool"]
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [("CONFLICT", ["input", "name"])]
    await api.data(STOP, "root", id=second["id"])
    payload = (await api.data(UPDATE, "root", id=second["id"], i={}))["updatePool"]
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [("CONFLICT", ["id"])]
    assert (await api.refusal(STOP, "root", id="worker_01h455vb4pex5vsknk084sn02q"))[0] == "BAD_USER_INPUT"
    assert (await api.refusal("{ pools { decisions(first: 201) { to } } }", "root"))[0] == "BAD_USER_INPUT"
    assert made["decisions"]


async def test_a_pool_has_a_node_for_administrators(api: Api) -> None:
    made = await start(api)
    document = "query ($id: ID!) { node(id: $id) { __typename id } }"
    assert (await api.data(document, "root", id=made["id"]))["node"] == {"__typename": "Pool", "id": made["id"]}
    assert (await api.data(document, "ann", id=made["id"]))["node"] is None


async def test_how_large_a_pool_was_is_told_in_steps(api: Api) -> None:
    made = await start(api, minWorkers=2, maxWorkers=4)
    await api.worker("w1", pool=made["id"])
    document = "query ($s: Int!) { pools { sizes(seconds: $s) { at desired actual } } }"
    (pool,) = (await api.data(document, "root", s=3600))["pools"]
    steps = [(step["desired"], step["actual"]) for step in pool["sizes"]]
    assert (steps[0][0], steps[-1]) == (0, (2, 1))
    answer = await api.ask(document, "root", s=59)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
