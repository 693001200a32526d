"""Every field of Query and Mutation, asked by every kind of caller: a field without a rule here fails."""

import asyncio
from typing import Any

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_leaf_type

from rota.domain.access import Role
from rota.graphql.schema import schema
from tests.graphql.conftest import Api
from tests.support.web import Account, Served, eventually

CALLERS = ("nobody", "wil", "ann", "root")
# What each caller gets, in the order above: "ok", "null", a code in the payload's errors, or a code at the top.
OK, NULL = "ok", "null"
SIGN_IN = "top UNAUTHENTICATED"
NO_TASKS = "top FORBIDDEN"
NOT_YOU = "payload FORBIDDEN"
NONE_THERE = "payload NOT_FOUND"

Rule = tuple[str, tuple[str, str, str, str]]
TASK = "task_01h455vb4pex5vsknk084sn02q"
WORKER = "worker_01h455vb4pex5vsknk084sn02q"
SCHEDULE = "schedule_01h455vb4pex5vsknk084sn02q"
POOL = "pool_01h455vb4pex5vsknk084sn02q"
BULK = "bulk_01h455vb4pex5vsknk084sn02q"
LIMIT = "limit_01h455vb4pex5vsknk084sn02q"
TOKEN = "token_01h455vb4pex5vsknk084sn02q"
NOBODY = "user_01h455vb4pex5vsknk084sn02q"
ACCOUNT = 'username: "new-{}", password: "long enough to do"'
FAILED_SIGN_IN = "payload INVALID"

RULES: dict[str, Rule] = {
    "Query.viewer": ("", (NULL, OK, OK, OK)),
    "Query.server": ("", (OK, OK, OK, OK)),
    "Query.node": (f'id: "{TASK}"', (SIGN_IN, NULL, NULL, NULL)),
    "Query.task": (f'id: "{TASK}"', (SIGN_IN, NO_TASKS, NULL, NULL)),
    "Query.tasks": ("", (SIGN_IN, NO_TASKS, OK, OK)),
    "Query.liveCursor": ("", (SIGN_IN, NO_TASKS, NULL, NULL)),
    "Query.activity": ("", (SIGN_IN, OK, OK, OK)),
    "Query.bulkAction": (f'id: "{BULK}"', (SIGN_IN, NO_TASKS, NULL, NULL)),
    "Query.bulkActions": ("", (SIGN_IN, NO_TASKS, OK, OK)),
    "Query.queues": ("", (SIGN_IN, OK, OK, OK)),
    "Query.queue": ('name: "default"', (SIGN_IN, OK, OK, OK)),
    "Query.workers": ("", (SIGN_IN, OK, OK, OK)),
    "Query.worker": (f'id: "{WORKER}"', (SIGN_IN, NULL, NULL, NULL)),
    "Query.pools": ("", (SIGN_IN, NO_TASKS, NO_TASKS, OK)),
    "Query.functions": ("", (SIGN_IN, OK, OK, OK)),
    "Query.function": ('name: "echo"', (SIGN_IN, OK, OK, OK)),
    "Query.schedules": ("", (SIGN_IN, NO_TASKS, OK, OK)),
    "Query.schedule": (f'id: "{SCHEDULE}"', (SIGN_IN, NO_TASKS, NULL, NULL)),
    "Query.previewSchedule": ('cron: "0 9 * * *"', (SIGN_IN, NOT_YOU, OK, OK)),
    "Query.limits": ("", (SIGN_IN, OK, OK, OK)),
    "Query.metrics": ("", (SIGN_IN, OK, OK, OK)),
    "Query.metricsHistory": ("", (SIGN_IN, OK, OK, OK)),
    "Query.users": ("", (SIGN_IN, NO_TASKS, NO_TASKS, OK)),
    "Query.system": ("", (SIGN_IN, OK, OK, OK)),
    "Query.apiTokens": ("", (SIGN_IN, OK, OK, OK)),
    "Mutation.register": (f"input: {{{ACCOUNT}}}", (OK, OK, OK, OK)),
    "Mutation.login": ('input: {username: "ann", password: "wrong"}', (FAILED_SIGN_IN,) * 4),
    "Mutation.logout": ("", (SIGN_IN, OK, OK, OK)),
    "Mutation.changePassword": (
        'input: {currentPassword: "wrong", newPassword: "long enough to do"}',
        (SIGN_IN, FAILED_SIGN_IN, FAILED_SIGN_IN, FAILED_SIGN_IN),
    ),
    "Mutation.createApiToken": ('input: {name: "mine"}', (SIGN_IN, NOT_YOU, OK, OK)),
    "Mutation.revokeApiToken": (f'id: "{TOKEN}"', (SIGN_IN, NONE_THERE, NONE_THERE, NONE_THERE)),
    "Mutation.submitTask": ('input: {function: "echo"}', (SIGN_IN, NOT_YOU, OK, OK)),
    "Mutation.submitTasks": ('inputs: [{function: "echo"}]', (SIGN_IN, NOT_YOU, OK, OK)),
    "Mutation.cancelTask": (f'id: "{TASK}"', (SIGN_IN, NOT_YOU, NONE_THERE, NONE_THERE)),
    "Mutation.retryTask": (f'id: "{TASK}"', (SIGN_IN, NOT_YOU, NONE_THERE, NONE_THERE)),
    "Mutation.rescheduleTask": (f'id: "{TASK}", priority: 1', (SIGN_IN, NOT_YOU, NONE_THERE, NONE_THERE)),
    "Mutation.deleteTask": (f'id: "{TASK}"', (SIGN_IN, NOT_YOU, NONE_THERE, NONE_THERE)),
    "Mutation.cancelTasks": (f'ids: ["{TASK}"]', (SIGN_IN, NOT_YOU, OK, OK)),
    "Mutation.retryTasks": ("filter: {status: [FAILED]}", (SIGN_IN, NOT_YOU, OK, OK)),
    "Mutation.deleteTasks": (f'ids: ["{TASK}"]', (SIGN_IN, NOT_YOU, OK, OK)),
    "Mutation.rescheduleTasks": (f'ids: ["{TASK}"], priority: 3', (SIGN_IN, NOT_YOU, OK, OK)),
    "Mutation.undoBulkAction": (f'id: "{BULK}"', (SIGN_IN, NOT_YOU, NONE_THERE, NONE_THERE)),
    "Mutation.resetSystem": ('confirm: "delete all tasks"', (SIGN_IN, NOT_YOU, NOT_YOU, OK)),
    "Mutation.createSchedule": (
        'input: {name: "daily", cron: "0 9 * * *", function: "echo"}',
        (SIGN_IN, NOT_YOU, OK, OK),
    ),
    "Mutation.updateSchedule": (
        f'id: "{SCHEDULE}", input: {{name: "x"}}',
        (SIGN_IN, NONE_THERE, NONE_THERE, NONE_THERE),
    ),
    "Mutation.pauseSchedule": (f'id: "{SCHEDULE}"', (SIGN_IN, NONE_THERE, NONE_THERE, NONE_THERE)),
    "Mutation.resumeSchedule": (f'id: "{SCHEDULE}"', (SIGN_IN, NONE_THERE, NONE_THERE, NONE_THERE)),
    "Mutation.deleteSchedule": (f'id: "{SCHEDULE}"', (SIGN_IN, NONE_THERE, NONE_THERE, NONE_THERE)),
    "Mutation.runScheduleNow": (f'id: "{SCHEDULE}"', (SIGN_IN, NONE_THERE, NONE_THERE, NONE_THERE)),
    "Mutation.setLimit": ('input: {queue: "default", maxRunning: 5}', (SIGN_IN, NOT_YOU, NOT_YOU, OK)),
    "Mutation.removeLimit": (f'id: "{LIMIT}"', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
    "Mutation.setQueueStrategy": ('name: "default", strategy: PRIORITY', (SIGN_IN, NOT_YOU, NOT_YOU, OK)),
    "Mutation.setQueueRetention": ('name: "default", days: 30', (SIGN_IN, NOT_YOU, NOT_YOU, OK)),
    "Mutation.pauseQueue": ('name: "default"', (SIGN_IN, NOT_YOU, NOT_YOU, OK)),
    "Mutation.resumeQueue": ('name: "default"', (SIGN_IN, NOT_YOU, NOT_YOU, OK)),
    "Mutation.startPool": ("input: {minWorkers: 0}", (SIGN_IN, NOT_YOU, NOT_YOU, OK)),
    "Mutation.updatePool": (f'id: "{POOL}", input: {{minWorkers: 0}}', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
    "Mutation.stopPool": (f'id: "{POOL}"', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
    "Mutation.createUser": ('input: {username: "made-{}"}', (SIGN_IN, NOT_YOU, NOT_YOU, OK)),
    "Mutation.setUserRoles": (f'id: "{NOBODY}", roles: [CLIENT]', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
    "Mutation.disableUser": (f'id: "{NOBODY}"', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
    "Mutation.enableUser": (f'id: "{NOBODY}"', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
    "Mutation.setUserPassword": (f'id: "{NOBODY}"', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
    "Mutation.endUserSessions": (f'id: "{NOBODY}"', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
    "Mutation.pauseWorker": (f'id: "{WORKER}"', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
    "Mutation.resumeWorker": (f'id: "{WORKER}"', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
    "Mutation.setWorkerStealing": (
        f'id: "{WORKER}", stealing: false',
        (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE),
    ),
    "Mutation.stopWorker": (f'id: "{WORKER}"', (SIGN_IN, NOT_YOU, NOT_YOU, NONE_THERE)),
}

# What each caller gets at first: an answer, or a code. Those that are quiet until something happens are watched once allowed.
QUIET = {"Subscription.tasksChanged", "Subscription.activityAdded"}
WATCHING: dict[str, Rule] = {
    "Subscription.taskChanged": (f'id: "{TASK}"', (SIGN_IN, NO_TASKS, "top NOT_FOUND", "top NOT_FOUND")),
    "Subscription.tasksChanged": ("", (SIGN_IN, NO_TASKS, OK, OK)),
    "Subscription.taskLogged": (f'id: "{TASK}"', (SIGN_IN, NO_TASKS, "top NOT_FOUND", "top NOT_FOUND")),
    "Subscription.bulkActionChanged": (f'id: "{BULK}"', (SIGN_IN, NO_TASKS, "top NOT_FOUND", "top NOT_FOUND")),
    "Subscription.queuesChanged": ("", (SIGN_IN, OK, OK, OK)),
    "Subscription.workersChanged": ("", (SIGN_IN, OK, OK, OK)),
    "Subscription.poolsChanged": ("", (SIGN_IN, NO_TASKS, NO_TASKS, OK)),
    "Subscription.schedulesChanged": ("", (SIGN_IN, NO_TASKS, OK, OK)),
    "Subscription.metricsTicked": ("", (SIGN_IN, OK, OK, OK)),
    "Subscription.systemTicked": ("", (SIGN_IN, OK, OK, OK)),
    "Subscription.activityAdded": ("", (SIGN_IN, OK, OK, OK)),
    "Subscription.usersChanged": ("", (SIGN_IN, NO_TASKS, NO_TASKS, OK)),
}


def roots() -> list[str]:
    found: list[str] = []
    for kind in (schema._schema.query_type, schema._schema.mutation_type, schema._schema.subscription_type):
        assert kind is not None
        found += [f"{kind.name}.{name}" for name in kind.fields]
    return found


def test_each_field_has_a_rule() -> None:
    assert {*RULES, *WATCHING} == set(roots())


@pytest.mark.parametrize("name", sorted(RULES))
async def test_who_may_ask_what(api: Api, name: str) -> None:
    arguments, expected = RULES[name]
    found = tuple([await outcome(api, name, arguments.replace("{}", caller), caller) for caller in CALLERS])
    assert found == expected


async def test_who_may_watch_what(served: Served) -> None:
    accounts = (
        None,
        await served.account(Role.WORKER),
        await served.account(Role.CLIENT),
        await served.account(Role.ADMIN),
    )
    found = {}
    for name, (arguments, _) in WATCHING.items():
        query = document("Subscription", name.partition(".")[2], arguments)
        found[name] = tuple([await first_of(served, account, query, is_quiet=name in QUIET) for account in accounts])
    assert found == {name: expected for name, (_, expected) in WATCHING.items()}


async def first_of(served: Served, account: Account | None, query: str, *, is_quiet: bool) -> str:
    """What comes first: an answer or a refusal."""
    await served.settled(watching=0)
    async with served.talk(account) as talk:
        await talk.subscribe(query)
        hearing = asyncio.create_task(talk.hear())
        await eventually(lambda: hearing.done() or (is_quiet and served.hub.watching))
        if not hearing.done():
            hearing.cancel()
            return OK
        payload = (await hearing)["payload"]
    errors = payload.get("errors") if isinstance(payload, dict) else payload
    return f"top {errors[0]['extensions']['code']}" if errors else OK


async def outcome(api: Api, name: str, arguments: str, by: str) -> str:
    kind, _, field = name.partition(".")
    answer = await api.ask(document(kind, field, arguments), by)
    if answer["errors"]:
        return f"top {answer['errors'][0]['extensions']['code']}"
    payload = answer["data"][field]
    if payload is None:
        return NULL
    errors = payload.get("errors") if isinstance(payload, dict) else None
    return f"payload {errors[0]['code']}" if errors else OK


def document(kind: str, field: str, arguments: str) -> str:
    root: Any = schema._schema.get_type(kind)
    inner: Any = get_named_type(root.fields[field].type)
    called = f"{field}({arguments})" if arguments else field
    if is_leaf_type(inner):
        return f"{kind.lower()} {{ {called} }}"
    selected = "errors { code }" if "errors" in inner.fields else leaves(inner)
    return f"{kind.lower()} {{ {called} {{ {selected} }} }}"


def leaves(kind: Any) -> str:
    """All fields of a type that are plain values."""
    if not isinstance(kind, GraphQLObjectType):
        return "id"
    plain = [
        name
        for name, field in kind.fields.items()
        if is_leaf_type(field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type)
    ]
    return " ".join(["__typename", *plain])
