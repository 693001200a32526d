"""Tasks through the schema: submitting, reading, pages, and who sees what."""

from functools import partial
from typing import Any

import pytest

from rota.domain.tasks import MAX_BATCH
from rota.store import listing
from tests.graphql.conftest import Api

SUBMIT = """mutation ($i: SubmitTaskInput!) { submitTask(input: $i) { errors { code message path }
  task { id function title args priority status queue { name depth } owner { username } version deadline runAt tags
         timeoutSeconds maxAttempts onDeadline isLate attempts { id } waiting { reason } viewerMayChange result } } }"""
SUBMIT_MANY = """mutation ($i: [SubmitTaskInput!]!) { submitTasks(inputs: $i) { tasks { title } errors { code path message } } }"""


async def test_a_task_is_submitted_and_read_again(api: Api) -> None:
    wish = {
        "function": "multiply",
        "args": {"a": 6, "b": 7},
        "priority": 9,
        "tags": ["x", "y"],
        "timeoutSeconds": 1.5,
        "deadline": "2031-01-01T02:00:00.5+02:00",
        "onDeadline": "FINISH_LATE",
    }
    payload = (await api.data(SUBMIT, i=wish))["submitTask"]
    assert payload["errors"] == []
    task = payload["task"]
    assert task["args"] == {"a": 6, "b": 7}
    assert task["title"] == task["function"] == "multiply"
    assert task["deadline"] == "2031-01-01T00:00:00.500Z"
    assert task["owner"] == {"username": "ann"}
    assert task["queue"] == {"name": "default", "depth": 1}
    assert (task["priority"], task["tags"], task["timeoutSeconds"]) == (9, ["x", "y"], 1.5)
    assert (task["status"], task["version"], task["onDeadline"]) == ("QUEUED", 1, "FINISH_LATE")
    assert task["viewerMayChange"] is True
    read = await api.data(
        "query ($id: ID!) { task(id: $id) { id args } node(id: $id) { __typename id } }", id=task["id"]
    )
    assert read["task"] == {"id": task["id"], "args": {"a": 6, "b": 7}}
    assert read["node"] == {"__typename": "Task", "id": task["id"]}


async def test_a_literal_that_no_number_holds_is_refused(api: Api) -> None:
    for literal, words in (("{a: 1e999}", "Infinity at a"), ("{a: [1, {b: -1e999}]}", "-Infinity at a[1].b")):
        answer = await api.ask(
            f'mutation {{ submitTask(input: {{function: "echo", args: {literal}}}) {{ task {{ id }} }} }}'
        )
        error = answer["errors"][0]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert words in error["message"]
        assert not answer.get("data")


async def test_integers_of_any_size_stay_exact_as_variable_and_as_literal(api: Api) -> None:
    big = 2**80 + 1
    wish = {"function": "echo", "args": {"n": big, "deep": [{"x": -big}]}}
    payload = (await api.data(SUBMIT, i=wish))["submitTask"]
    assert payload["task"]["args"] == wish["args"]
    literal = f'mutation {{ submitTask(input: {{function: "echo", args: {{n: {big}, s: "ä", l: [1, 2.5, null]}}}}) {{ task {{ args }} }} }}'
    task = (await api.data(literal))["submitTask"]["task"]
    assert task["args"] == {"n": big, "s": "ä", "l": [1, 2.5, None]}


async def test_errors_lead_to_the_input_at_fault(api: Api) -> None:
    for wish, code, path in (
        ({"function": "multiply", "args": {"a": 6, "b": 7}, "priority": 11}, "INVALID", ["input", "priority"]),
        ({"function": "multiply", "args": {"a": 6, "b": "x"}}, "INVALID", ["input", "args", "b"]),
        ({"function": "multiply", "args": [1]}, "INVALID", ["input", "args"]),
        ({"function": "nothing"}, "UNKNOWN_FUNCTION", ["input", "function"]),
        ({"function": "echo", "args": {"x": "y" * 300_000}}, "TOO_LARGE", ["input", "args"]),
        ({"function": "echo", "timeoutSeconds": 0}, "INVALID", ["input", "timeoutSeconds"]),
        ({"function": "echo", "tags": ["fine", ""]}, "INVALID", ["input", "tags", "1"]),
    ):
        payload = (await api.data(SUBMIT, i=wish))["submitTask"]
        assert payload["task"] is None
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]


async def test_of_many_all_are_taken_or_none(api: Api) -> None:
    good = {"function": "multiply", "args": {"a": 6, "b": 7}}
    bad = {"function": "multiply", "args": {"a": "six", "b": 7}}
    for wishes, path in (
        ([good, good, good, bad], ["inputs", "3", "args", "a"]),
        ([bad], ["inputs", "0", "args", "a"]),
        ([good, {"function": "echo", "args": "text"}], ["inputs", "1", "args"]),
    ):
        payload = (await api.data(SUBMIT_MANY, i=wishes))["submitTasks"]
        assert payload["tasks"] == []
        assert payload["errors"][0]["path"] == path
    assert (await api.data("{ tasks { totalCount } }"))["tasks"]["totalCount"] == 0
    titles = [f"number {index}" for index in range(5)]
    payload = (await api.data(SUBMIT_MANY, i=[{**good, "title": title} for title in titles]))["submitTasks"]
    assert [task["title"] for task in payload["tasks"]] == titles
    too_many = (await api.data(SUBMIT_MANY, i=[good] * (MAX_BATCH + 1)))["submitTasks"]
    assert too_many["errors"][0]["code"] == "INVALID"


async def test_clients_see_their_own_and_administrators_all(api: Api) -> None:
    mine, other = await api.submit("ann"), await api.submit("bob")
    listed = "{ tasks { totalCount nodes { id } } }"
    assert (await api.data(listed, "ann"))["tasks"] == {"totalCount": 1, "nodes": [{"id": mine["id"]}]}
    assert (await api.data(listed, "root"))["tasks"]["totalCount"] == 2
    assert (await api.data("{ tasks(filter: {ownedByMe: true}) { totalCount } }", "root"))["tasks"]["totalCount"] == 0
    twice = "{ tasks(filter: {status: [QUEUED, QUEUED, FAILED]}) { totalCount nodes { id } } }"
    assert (await api.data(twice, "root"))["tasks"] == {
        "totalCount": 2,
        "nodes": [{"id": other["id"]}, {"id": mine["id"]}],
    }
    read = "query ($id: ID!) { task(id: $id) { id } node(id: $id) { id } }"
    assert await api.data(read, "ann", id=other["id"]) == {"task": None, "node": None}
    assert (await api.data(read, "root", id=other["id"]))["task"] == {"id": other["id"]}
    for verb in ("cancelTask", "retryTask", "rescheduleTask"):
        document = f"mutation ($id: ID!) {{ {verb}(id: $id) {{ task {{ id }} errors {{ code path }} }} }}"
        payload = (await api.data(document, "ann", id=other["id"]))[verb]
        assert payload == {"task": None, "errors": [{"code": "NOT_FOUND", "path": ["id"]}]}
        unknown = "task_01h455vb4pex5vsknk084sn02q"
        assert (await api.data(document, "ann", id=unknown))[verb] == payload


async def test_a_workers_account_is_no_clients(api: Api) -> None:
    assert (await api.refusal("{ tasks { totalCount } }", "wil"))[0] == "FORBIDDEN"
    payload = (await api.data(SUBMIT, "wil", i={"function": "echo"}))["submitTask"]
    assert (payload["task"], payload["errors"][0]["code"]) == (None, "FORBIDDEN")
    task = await api.submit()
    assert (await api.data("query ($id: ID!) { node(id: $id) { id } }", "wil", id=task["id"]))["node"] is None


async def walk(api: Api, order: str, first: int, wanted: dict[str, Any] | None = None) -> list[str]:
    found: list[str] = []
    after = None
    document = """query ($o: TaskOrder, $n: Int, $a: String, $f: TaskFilter) {
      tasks(orderBy: $o, first: $n, after: $a, filter: $f) {
        edges { cursor node { title } } nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    while True:
        page = (await api.data(document, o=order, n=first, a=after, f=wanted))["tasks"]
        titles = [edge["node"]["title"] for edge in page["edges"]]
        assert titles == [node["title"] for node in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        found += titles
        if not page["pageInfo"]["hasNextPage"]:
            return found
        assert len(titles) == first
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        after = page["pageInfo"]["endCursor"]


async def test_pages_of_each_order_hold_each_task_once(api: Api) -> None:
    for index, priority in enumerate([3, 9, 5, 9, 1, 5, 10]):
        deadline = {"deadline": f"2031-01-0{7 - index}T00:00:00Z"} if index % 2 else {}
        await api.submit(title=f"{index}", priority=priority, **deadline)
    for first in (1, 2, 3, 7, 200):
        assert await walk(api, "OLDEST_FIRST", first) == list("0123456")
        assert await walk(api, "NEWEST_FIRST", first) == list("6543210")
        assert await walk(api, "NEXT_TO_RUN", first) == list("6132504")
        assert await walk(api, "DEADLINE", first) == list("531")


async def test_filters_narrow_and_are_counted(api: Api) -> None:
    await api.submit(title="alpha", priority=8, tags=["red", "big"])
    await api.submit(title="beta", priority=2, tags=["blue"], runAt="2031-01-01T00:00:00Z")
    late = "2031-01-01T00:00:00Z"
    await api.submit(title="gamma", function="echo", args={"note": "Needle"}, queue="other", deadline=late)
    for wanted, titles in (
        ({"status": ["SCHEDULED"]}, ["beta"]),
        ({"queue": ["other"]}, ["gamma"]),
        ({"function": ["multiply"]}, ["alpha", "beta"]),
        ({"tag": ["red", "blue"]}, ["alpha", "beta"]),
        ({"priorityAtLeast": 5}, ["alpha", "gamma"]),
        ({"priority": [2, 8]}, ["alpha", "beta"]),
        ({"priority": [5]}, ["gamma"]),
        ({"search": "needle"}, ["gamma"]),
        ({"search": "ALPH"}, ["alpha"]),
        ({"hasDeadline": True}, ["gamma"]),
        ({"hasDeadline": False}, ["alpha", "beta"]),
        ({"hasDeadline": None}, ["alpha", "beta", "gamma"]),
        ({"createdBefore": "2020-01-01T00:00:00Z"}, []),
        ({"createdAfter": "2020-01-01T00:00:00Z", "status": None}, ["alpha", "beta", "gamma"]),
        ({"status": ["QUEUED"], "function": ["multiply"]}, ["alpha"]),
    ):
        document = "query ($f: TaskFilter) { tasks(filter: $f, orderBy: OLDEST_FIRST) { totalCount nodes { title } } }"
        for by in ("ann", "root"):
            page = (await api.data(document, by, f=wanted))["tasks"]
            assert [node["title"] for node in page["nodes"]] == titles, wanted
            assert page["totalCount"] == len(titles), wanted


async def test_a_search_ends_its_page_where_its_moment_ends(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FIRST_LOOK", 2)
    monkeypatch.setattr(listing, "look", partial(listing.look, patience_s=0))
    monkeypatch.setattr(listing, "total", partial(listing.total, patience_s=0))
    for title in ("needle one", "a", "b", "c", "needle two", "d"):
        await api.submit(title=title)
    document = """query ($a: String) { tasks(filter: {search: "needle"}, first: 1, after: $a) {
      totalCount total { atLeast isExact } nodes { title } pageInfo { hasNextPage endCursor } } }"""
    pages, after = [], None
    while True:
        page = (await api.data(document, "ann", a=after))["tasks"]
        pages.append([node["title"] for node in page["nodes"]])
        assert (page["totalCount"], page["total"]) == (2, {"atLeast": 1, "isExact": False})
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    # "d" and "needle two", then "c" and "b", then "a" and the other, and nothing after it.
    assert pages == [["needle two"], [], ["needle one"], []]


ARGUMENTS = [
    {"user": {"id": 123, "name": "Ada L."}, "items": [{"sku": "x1"}]},
    {"user": {"id": "123"}, "big": 12345678901234567890, "flag": True},
    {"user": {"id": 1234}, "big": 12345678901234567891, "share": 2.0, "nul": "\0", "flag": None},
    {"user": 123, "a.b": {"c": 'é"\n'}, "share": 2, "items": {"0": {"sku": "x1"}}},
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"args": [{"path": "user.id", "value": 123}]}, "0"),
        ({"args": [{"path": "user.id", "value": "123"}]}, "1"),
        ({"args": [{"path": "big", "value": 12345678901234567890}]}, "1"),
        ({"args": [{"path": "share", "value": 2}]}, "23"),
        ({"args": [{"path": "share", "value": 2.0}]}, "23"),
        ({"args": [{"path": "flag", "value": True}]}, "1"),
        ({"args": [{"path": "flag", "value": None}]}, "2"),
        ({"args": [{"path": "items[0].sku", "value": "x1"}]}, "0"),
        ({"args": [{"path": "items.0.sku", "value": "x1"}]}, "3"),
        ({"args": [{"path": '"a.b".c', "value": 'é"\n'}]}, "3"),
        ({"args": [{"path": "user.id", "value": 123}, {"path": "user.name", "value": "Bob"}]}, ""),
        ({"args": [{"path": "user", "value": 123}]}, "3"),
        ({"search": "args.user.id:123"}, "01"),
        ({"search": 'args.user.id:"123"'}, "1"),
        ({"search": 'args.user.name:"Ada L." x1'}, "0"),
        ({"search": 'nothing args.user.name:"Ada L."'}, ""),
        ({"search": "args.flag:true"}, "1"),
        ({"search": "args.big:12345678901234567891"}, "2"),
        ({"search": "args. :"}, ""),
    ],
)
async def test_tasks_are_found_by_values_of_their_arguments(api: Api, wanted: dict[str, Any], found: str) -> None:
    for index, args in enumerate(ARGUMENTS):
        await api.submit(title=f"{index}", function="echo", args={"note": args})
    inner = {**wanted}
    if "args" in inner:
        inner["args"] = [{**one, "path": f"note.{one['path']}"} for one in inner["args"]]
    if "search" in inner:
        inner["search"] = inner["search"].replace("args.", "args.note.")
    document = "query ($f: TaskFilter) { tasks(filter: $f, orderBy: OLDEST_FIRST) { totalCount nodes { title } } }"
    page = (await api.data(document, f=inner))["tasks"]
    assert "".join(node["title"] for node in page["nodes"]) == found
    assert page["totalCount"] == len(found)


async def test_what_depends_on_a_task_is_read_with_it(api: Api) -> None:
    first = await api.submit()
    after = [await api.submit(title=f"after {index}", dependsOn=[first["id"]]) for index in range(3)]
    await api.submit("root", title="not hers", dependsOn=[first["id"]])
    document = "query ($id: ID!, $n: Int) { task(id: $id) { dependents(first: $n) { id dependsOn { id } dependents { id } } } }"
    found = (await api.data(document, id=first["id"], n=2))["task"]["dependents"]
    assert found == [{"id": one["id"], "dependsOn": [{"id": first["id"]}], "dependents": []} for one in after[:2]]
    assert len((await api.data(document, id=first["id"]))["task"]["dependents"]) == 3
    assert len((await api.data(document, "root", id=first["id"]))["task"]["dependents"]) == 4
    assert (await api.refusal(document, id=first["id"], n=201))[0] == "BAD_USER_INPUT"


async def test_a_retried_task_waits_for_what_is_still_to_come(api: Api) -> None:
    status = "task { id status dueAt } errors { message }"
    for wish, expected in (
        ({"runAt": "2031-01-01T00:00:00Z"}, "SCHEDULED"),
        ({"dependsOn": [(await api.submit())["id"]]}, "BLOCKED"),
        ({}, "QUEUED"),
    ):
        task = await api.submit(**wish)
        await api.data("mutation ($id: ID!) { cancelTask(id: $id) { errors { code } } }", id=task["id"])
        again = (await api.data(f"mutation ($id: ID!) {{ retryTask(id: $id) {{ {status} }} }}", id=task["id"]))[
            "retryTask"
        ]
        assert again["errors"] == []
        assert again["task"]["status"] == expected
        assert (again["task"]["dueAt"] is not None) is (expected == "SCHEDULED")


async def test_the_count_of_an_order_is_of_what_it_lists(api: Api) -> None:
    await api.submit(deadline="2031-01-01T00:00:00Z")
    done = await api.submit()
    await api.data("mutation ($id: ID!) { cancelTask(id: $id) { task { status } } }", id=done["id"])
    for by in ("ann", "root"):
        for order, count in (("NEXT_TO_RUN", 1), ("DEADLINE", 1), ("NEWEST_FIRST", 2)):
            page = (await api.data(f"{{ tasks(orderBy: {order}) {{ totalCount nodes {{ id }} }} }}", by))["tasks"]
            assert page["totalCount"] == len(page["nodes"]) == count


async def test_bad_pages_filters_and_ids_are_the_programs_fault(api: Api) -> None:
    await api.submit()
    page = (await api.data("{ tasks { pageInfo { endCursor } } }"))["tasks"]
    cursor = page["pageInfo"]["endCursor"]
    for arguments in (
        "first: 0",
        "first: 201",
        "first: -5",
        'after: "nonsense"',
        'after: "ÄÖ"',
        'after: ""',
        'after: "WyJORVdFU1RfRklSU1QiLDAsIngiXQ"',
        f'after: "{cursor}", orderBy: DEADLINE',
        'filter: {workerId: "task_01h455vb4pex5vsknk084sn02q"}',
        f'filter: {{search: "{"x" * 201}"}}',
        "filter: {priority: [11]}",
        'filter: {args: [{path: "a..b", value: 1}]}',
        'filter: {args: [{path: "a", value: [1]}]}',
        f'filter: {{args: [{{path: "a", value: "{"x" * 201}"}}]}}',
        'filter: {search: "args.a.b.c.d.e.f.g.h.i.j.k:1"}',
        f'filter: {{search: "{"args.a:1 " * 6}"}}',
        'filter: {createdAfter: "yesterday"}',
        "filter: {priorityAtLeast: 0}",
        "filter: {priorityAtLeast: -40000}",
    ):
        code, message = await api.refusal(f"{{ tasks({arguments}) {{ totalCount }} }}")
        assert code == "BAD_USER_INPUT", arguments
        assert message
    for bad in ("", "x", "task_x", "user_01h455vb4pex5vsknk084sn02q", "task_01h455vb4pex5vsknk084sn02q_1"):
        assert (await api.refusal("query ($id: ID!) { task(id: $id) { id } }", id=bad))[0] == "BAD_USER_INPUT"
        document = "mutation ($id: ID!) { cancelTask(id: $id) { errors { code } } }"
        assert (await api.refusal(document, id=bad))[0] == "BAD_USER_INPUT"
    answer = await api.ask(SUBMIT, i={"function": "echo", "dependsOn": ["task_x"]})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_task_is_cancelled_retried_and_rescheduled(api: Api) -> None:
    task = await api.submit()
    moved = await api.data(
        """mutation ($id: ID!) { rescheduleTask(id: $id, priority: 10, runAt: "2031-01-01T00:00:00Z") {
             task { status priority runAt dueAt waiting { reason estimatedStart } } errors { code } } }""",
        id=task["id"],
    )
    assert moved["rescheduleTask"]["task"] == {
        "status": "SCHEDULED",
        "priority": 10,
        "runAt": "2031-01-01T00:00:00.000Z",
        "dueAt": "2031-01-01T00:00:00.000Z",
        "waiting": {"reason": "NOT_BEFORE", "estimatedStart": "2031-01-01T00:00:00.000Z"},
    }
    cancel = "mutation ($id: ID!) { cancelTask(id: $id) { task { status error { type message } } errors { code } } }"
    cancelled = (await api.data(cancel, id=task["id"]))["cancelTask"]["task"]
    assert cancelled == {"status": "CANCELLED", "error": {"type": "Cancelled", "message": "Cancelled by ann."}}
    assert (await api.data(cancel, id=task["id"]))["cancelTask"]["errors"] == [{"code": "CONFLICT"}]
    again = await api.data("mutation ($id: ID!) { retryTask(id: $id) { task { status } } }", id=task["id"])
    assert again["retryTask"]["task"] == {"status": "SCHEDULED"}  # its runAt has not come
    wrong = await api.data(
        "mutation ($id: ID!) { rescheduleTask(id: $id, priority: 0) { errors { code path } } }", id=task["id"]
    )
    assert wrong["rescheduleTask"]["errors"] == [{"code": "INVALID", "path": ["priority"]}]


async def test_an_idempotency_key_gives_the_first_task_again(api: Api) -> None:
    first, second = await api.submit(idempotencyKey="k"), await api.submit(idempotencyKey="k")
    assert first == second
    wish = {"function": "multiply", "args": {"a": 1, "b": 1}, "idempotencyKey": "k"}
    assert (await api.data(SUBMIT, i=wish))["submitTask"]["errors"][0]["code"] == "CONFLICT"
    assert (await api.submit("bob", idempotencyKey="k"))["id"] != first["id"]
