"""Schedules and retention through the schema: made, changed, paused, run, deleted; who may; what is refused where."""

from typing import Any

from tests.graphql.conftest import Api

FIELDS = """id name cron timezone function title args queue priority deadlineSeconds onDeadline timeoutSeconds maxAttempts
 limitKey tags catchUp isPaused nextRunAt lastRunAt error failedAt createdAt changedAt description nextRuns(first: 2)
 owner { username } tasks(first: 5) { id title }"""
CREATE = f"mutation ($i: ScheduleInput!) {{ createSchedule(input: $i) {{ schedule {{ {FIELDS} }} errors {{ code message path }} }} }}"
UPDATE = f"""mutation ($id: ID!, $i: ScheduleChanges!) {{
  updateSchedule(id: $id, input: $i) {{ schedule {{ {FIELDS} }} errors {{ code message path }} }} }}"""
PAUSE = (
    "mutation ($id: ID!) { pauseSchedule(id: $id) { schedule { isPaused nextRunAt nextRuns } errors { code path } } }"
)
RESUME = (
    "mutation ($id: ID!) { resumeSchedule(id: $id) { schedule { isPaused nextRunAt nextRuns } errors { code path } } }"
)
DELETE = "mutation ($id: ID!) { deleteSchedule(id: $id) { id errors { code path } } }"
RUN = "mutation ($id: ID!) { runScheduleNow(id: $id) { task { id title owner { username } } errors { code path } } }"
LIST = """query ($first: Int, $after: String) { schedules(first: $first, after: $after) {
  nodes { id name } edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
READ = "query ($id: ID!) { schedule(id: $id) { name } node(id: $id) { __typename id } }"
PREVIEW = "query ($c: String!, $z: String) { previewSchedule(cron: $c, timezone: $z) { description nextRuns errors { code message path } } }"
WISH: dict[str, Any] = {"name": "nightly", "cron": "0 9 * * 1-5", "function": "multiply", "args": {"a": 6, "b": 7}}


async def create(api: Api, by: str = "ann", **changes: Any) -> dict[str, Any]:
    payload = (await api.data(CREATE, by, i={**WISH, **changes}))["createSchedule"]
    assert payload["errors"] == []
    schedule: dict[str, Any] = payload["schedule"]
    return schedule


async def test_a_schedule_is_made_and_read_again(api: Api) -> None:
    big = 2**80 + 1
    made = await create(
        api,
        timezone="Europe/Berlin",
        args={"a": big, "b": 7},
        priority=9,
        deadlineSeconds=90,
        timeoutSeconds=1.5,
        onDeadline="FINISH_LATE",
        maxAttempts=2,
        tags=["x"],
        catchUp=True,
        title="Times",
        queue="other",
        limitKey="shop-7",
    )
    assert (made["description"], made["timezone"], made["args"]) == (
        "At 09:00 on weekdays",
        "Europe/Berlin",
        {"a": big, "b": 7},
    )
    assert (made["priority"], made["deadlineSeconds"], made["timeoutSeconds"], made["maxAttempts"]) == (9, 90, 1.5, 2)
    assert (made["onDeadline"], made["tags"], made["catchUp"], made["title"]) == ("FINISH_LATE", ["x"], True, "Times")
    assert made["limitKey"] == "shop-7"
    assert (made["queue"], made["isPaused"], made["error"], made["lastRunAt"]) == ("other", False, None, None)
    assert made["owner"] == {"username": "ann"}
    assert made["nextRuns"][0] == made["nextRunAt"] < made["nextRuns"][1]
    read = await api.data(READ, id=made["id"])
    assert read == {"schedule": {"name": "nightly"}, "node": {"__typename": "Schedule", "id": made["id"]}}


async def test_errors_lead_to_the_input_at_fault(api: Api) -> None:
    await create(api)
    for changes, code, path, words in (
        ({"cron": "61 * * * *"}, "INVALID", ["input", "cron"], "minute"),
        ({"timezone": "Europe/Berln"}, "INVALID", ["input", "timezone"], "Europe/Berlin"),
        ({"args": {"a": 1}}, "INVALID", ["input", "args", "b"], "needs"),
        ({"args": [1]}, "INVALID", ["input", "args"], "object"),
        ({"function": "nothing"}, "UNKNOWN_FUNCTION", ["input", "function"], "nothing"),
        ({"queue": "nowhere"}, "INVALID", ["input", "queue"], "nowhere"),
        ({"name": " "}, "INVALID", ["input", "name"], "blank"),
        ({"name": "two", "priority": 11}, "INVALID", ["input", "priority"], "10"),
        ({"deadlineSeconds": 0.5}, "INVALID", ["input", "deadlineSeconds"], "at least 1"),
        ({"timeoutSeconds": 0}, "INVALID", ["input", "timeoutSeconds"], "above 0"),
        ({"name": "nightly"}, "CONFLICT", ["input", "name"], "already"),
    ):
        payload = (await api.data(CREATE, i={**WISH, "name": "other", **changes}))["createSchedule"]
        assert payload["schedule"] is None
        (error,) = payload["errors"]
        assert (error["code"], error["path"]) == (code, path)
        assert words in error["message"]
    # A name is its owner's alone.
    await create(api, by="bob")


async def test_a_schedule_is_changed_in_part(api: Api) -> None:
    made = await create(api, priority=9, tags=["x"], queue="other")
    answer = await api.data(UPDATE, id=made["id"], i={"cron": "@hourly", "priority": None, "queue": None})
    changed = answer["updateSchedule"]["schedule"]
    assert (changed["cron"], changed["priority"], changed["queue"]) == ("@hourly", None, None)
    assert {name: changed[name] for name in ("name", "tags", "args")} == {
        name: made[name] for name in ("name", "tags", "args")
    }
    assert changed["description"] == "At the start of every hour"
    for changes, code, path in (
        ({"cron": None}, "INVALID", ["input", "cron"]),
        ({"cron": "x"}, "INVALID", ["input", "cron"]),
        ({"args": {}}, "INVALID", ["input", "args", "a"]),
    ):
        payload = (await api.data(UPDATE, id=made["id"], i=changes))["updateSchedule"]
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]
    await create(api, name="second")
    payload = (await api.data(UPDATE, id=made["id"], i={"name": "second"}))["updateSchedule"]
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [("CONFLICT", ["input", "name"])]


async def test_pause_resume_run_delete(api: Api) -> None:
    made = await create(api)
    for _ in range(2):
        paused = (await api.data(PAUSE, id=made["id"]))["pauseSchedule"]["schedule"]
        assert paused == {"isPaused": True, "nextRunAt": None, "nextRuns": []}
    task = (await api.data(RUN, id=made["id"]))["runScheduleNow"]["task"]
    assert (task["title"], task["owner"]) == ("nightly", {"username": "ann"})
    resumed = (await api.data(RESUME, id=made["id"]))["resumeSchedule"]["schedule"]
    assert (resumed["isPaused"], resumed["nextRunAt"]) == (False, made["nextRunAt"])
    second = (await api.data(RUN, by="root", id=made["id"]))["runScheduleNow"]["task"]
    assert second["owner"] == {"username": "ann"}
    newest = "query ($id: ID!) { schedule(id: $id) { tasks { id } one: tasks(first: 1) { id } lastRunAt } }"
    read = (await api.data(newest, id=made["id"]))["schedule"]
    assert [made["id"] for made in read["tasks"]] == [second["id"], task["id"]]
    assert (len(read["one"]), read["lastRunAt"]) == (1, None)
    assert (await api.data(DELETE, id=made["id"]))["deleteSchedule"] == {"id": made["id"], "errors": []}
    assert await api.data(READ, id=made["id"]) == {"schedule": None, "node": None}
    kept = await api.data("query ($id: ID!) { task(id: $id) { title } }", id=task["id"])
    assert kept["task"] == {"title": "nightly"}


async def test_a_foreign_schedule_is_as_an_unknown_one(api: Api) -> None:
    made = await create(api)
    assert await api.data(READ, by="bob", id=made["id"]) == {"schedule": None, "node": None}
    assert (await api.data(READ, by="root", id=made["id"]))["schedule"] == {"name": "nightly"}
    assert (await api.data(LIST, by="bob"))["schedules"]["nodes"] == []
    for document, field in (
        (PAUSE, "pauseSchedule"),
        (RESUME, "resumeSchedule"),
        (DELETE, "deleteSchedule"),
        (RUN, "runScheduleNow"),
    ):
        payload = (await api.data(document, by="bob", id=made["id"]))[field]
        assert payload["errors"] == [{"code": "NOT_FOUND", "path": ["id"]}]
    payload = (await api.data(UPDATE, by="bob", id=made["id"], i={"name": "mine"}))["updateSchedule"]
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [("NOT_FOUND", ["id"])]


async def test_who_has_no_part_in_schedules(api: Api) -> None:
    for by, code in (("nobody", "UNAUTHENTICATED"), ("wil", "FORBIDDEN")):
        assert (await api.refusal(LIST, by=by))[0] == code
        assert (
            await api.refusal(
                READ.replace("node(id: $id) { __typename id }", ""), by=by, id="schedule_01h455vb4pex5vsknk084sn02q"
            )
        )[0] == code
    assert (await api.refusal(CREATE, by="nobody", i=WISH))[0] == "UNAUTHENTICATED"
    payload = (await api.data(CREATE, by="wil", i=WISH))["createSchedule"]
    assert [error["code"] for error in payload["errors"]] == ["FORBIDDEN"]
    assert (await api.refusal(PAUSE, id="task_01h455vb4pex5vsknk084sn02q"))[0] == "BAD_USER_INPUT"


async def test_pages_of_schedules(api: Api) -> None:
    names = [f"schedule {number}" for number in range(5)]
    for name in names:
        await create(api, name=name)
    await create(api, by="bob", name="bob's")
    seen: list[str] = []
    after: str | None = None
    for has_next in (True, True, False):
        page = (await api.data(LIST, first=2, after=after))["schedules"]
        assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (has_next, after is not None)
        assert [edge["node"]["name"] for edge in page["edges"]] == [node["name"] for node in page["nodes"]]
        seen += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == names[::-1]
    assert len((await api.data(LIST, by="root"))["schedules"]["nodes"]) == 6
    for variables in ({"after": "nonsense"}, {"first": 0}, {"first": 201}):
        assert (await api.refusal(LIST, **variables))[0] == "BAD_USER_INPUT"


async def test_a_preview_says_what_a_line_means(api: Api) -> None:
    preview = (await api.data(PREVIEW, c="*/15 * * * *"))["previewSchedule"]
    assert (preview["description"], len(preview["nextRuns"]), preview["errors"]) == ("Every 15 minutes", 5, [])
    for line, zone, path in (("* * *", "UTC", ["cron"]), ("* * * * *", "Mars", ["timezone"])):
        preview = (await api.data(PREVIEW, c=line, z=zone))["previewSchedule"]
        assert (preview["description"], preview["nextRuns"]) == (None, [])
        assert [error["path"] for error in preview["errors"]] == [path]


async def test_a_queues_retention(api: Api) -> None:
    document = """mutation ($n: String!, $d: Float) { setQueueRetention(name: $n, days: $d) {
      queue { name retentionDays } errors { code path } } }"""
    for days in (2.5, None):
        payload = (await api.data(document, by="root", n="default", d=days))["setQueueRetention"]
        assert payload == {"queue": {"name": "default", "retentionDays": days}, "errors": []}
    for by, name, days, code, path in (
        ("ann", "default", 1, "FORBIDDEN", []),
        ("root", "nowhere", 1, "NOT_FOUND", ["name"]),
        ("root", "default", 0, "INVALID", ["days"]),
        ("root", "default", 1e9, "INVALID", ["days"]),
    ):
        payload = (await api.data(document, by=by, n=name, d=days))["setQueueRetention"]
        assert payload["errors"] == [{"code": code, "path": path}]
    assert (await api.refusal(document, by="nobody", n="default", d=1))[0] == "UNAUTHENTICATED"
