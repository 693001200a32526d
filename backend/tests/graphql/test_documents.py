"""What a document may ask for, what is kept of it, and how errors look from outside."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
import structlog
from graphql import DocumentNode, get_introspection_query, parse

from rota.graphql import documents
from rota.graphql.documents import prepared
from rota.graphql.schema import schema
from tests.graphql.conftest import Api

AT_DEPTH_8 = "{ tasks(first: 1) { nodes { attempts { worker { queues { workers { ...W } } } } } } } fragment W on Worker { tasks(first: 1) { id } }"
TOO_MANY_ALIASES = "{ " + " ".join(f"a{index}: __typename" for index in range(16)) + " }"


def refusal(document: str) -> str:
    found = prepared(schema, document)
    assert isinstance(found, list), "it is allowed"
    return found[0].message


def is_allowed(document: str) -> bool:
    return isinstance(prepared(schema, document), DocumentNode)


@pytest.mark.parametrize(
    ("document", "name", "variable"),
    [
        ("subscription ($a: String) { tasksChanged(after: $a) { cursor } }", None, "a"),
        ("subscription S($f: TaskFilter, $a: String) { tasksChanged(filter: $f, after: $a) { cursor } }", "S", "a"),
        ("subscription ($f: TaskFilter) { tasksChanged(filter: $f) { cursor } }", None, None),
        ('subscription { tasksChanged(after: "1.1-1") { cursor } }', None, None),
        ("subscription { metricsTicked { activeWorkers } }", None, None),
        # What stands elsewhere too may change what is told.
        (
            "subscription ($a: String) { tasksChanged(after: $a) { tasks { logs(after: $a) { nodes { text } } } } }",
            None,
            None,
        ),
        (
            "subscription ($a: String) { ...F } fragment F on Subscription { tasksChanged(after: $a) { cursor } }",
            None,
            None,
        ),
        ("subscription ($a: String) { tasksChanged(after: $a) { cursor } }", "Other", None),
    ],
)
def test_the_variable_that_only_says_where_to_go_on(document: str, name: str | None, variable: str | None) -> None:
    assert documents.cursor_variable(parse(document), name) == variable


def test_depth_is_bounded() -> None:
    assert is_allowed(AT_DEPTH_8)
    assert "9 levels deep" in refusal(AT_DEPTH_8.replace("{ id }", "{ queue { id } }"))


def test_aliases_are_bounded_in_fragments_too() -> None:
    assert "16 aliases" in refusal(TOO_MANY_ALIASES)
    assert is_allowed(TOO_MANY_ALIASES.replace("a15: ", ""))
    f, g = (" ".join(f"{letter}{index}: id" for index in range(8)) for letter in "ab")
    spread = f"query {{ viewer {{ ...F ...G }} }} fragment F on User {{ {f} }} fragment G on User {{ {g} }}"
    assert "16 aliases" in refusal(spread)


def test_one_sign_in_a_document() -> None:
    one = 'login(input: {username: "ann", password: "x"}) { errors { code } }'
    assert is_allowed(f"mutation {{ {one} }}")
    for document in (
        f"mutation {{ a: {one} b: {one} }}",
        f"mutation {{ ...F b: {one} }} fragment F on Mutation {{ a: {one} }}",
        f'mutation {{ {one} register(input: {{username: "zoe", password: "x"}}) {{ errors {{ code }} }} }}',
        f'mutation {{ {one} changePassword(input: {{currentPassword: "x", newPassword: "y"}}) {{ errors {{ code }} }} }}',
    ):
        assert "signs in" in refusal(document)


def test_nodes_are_bounded() -> None:
    costly = "query (%s) { tasks(first: %s) { nodes { worker { tasks(first: %s) { attempts { id } } } } } }"
    assert "nodes" in refusal(costly % ("$x: Int", "200", "200"))
    assert "nodes" in refusal(costly % ("$n: Int", "$n", "20"))
    assert is_allowed(costly.replace("query (%s) ", "") % ("10", "20"))
    usual = """query ($n: Int) { tasks(first: $n) { totalCount pageInfo { endCursor hasNextPage } nodes { id title
      queue { id name } worker { id name } owner { username } waiting { message } error { message }
      attempts { id number worker { name } } } } }"""
    assert is_allowed(usual)


def test_tokens_are_bounded() -> None:
    document = "{ tasks(filter: {tag: [%s]}) { totalCount } }"
    assert is_allowed(document % ('"x" ' * 900))
    assert "1000 tokens" in refusal(document % ('"x" ' * 1_000))


def test_what_nests_without_end_is_refused() -> None:
    assert refusal("{ a " * 400 + "}" * 400)
    assert refusal("mutation { submitTask(input: {args: %s}) { task { id } } }" % ("[" * 450 + "]" * 450))


def test_fragments_that_double_each_other_cost_no_time() -> None:
    chain = " ".join(f"fragment F{n} on User {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    document = f"query {{ viewer {{ ...F0 }} }} {chain} fragment F60 on User {{ a: id }}"
    assert "aliases" in refusal(document)
    assert refusal("query { viewer { ...A } } fragment A on User { ...B } fragment B on User { ...A }")


def test_introspection_is_not_too_deep() -> None:
    assert is_allowed(get_introspection_query(specified_by_url=True, input_value_deprecation=True))
    nested = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    assert refusal(nested)


def test_a_document_is_parsed_once_and_so_is_what_is_wrong_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    real: Callable[..., Any] = parse

    def counting(text: str, **options: Any) -> Any:
        parsed.append(text)
        return real(text, **options)

    monkeypatch.setattr(documents, "parse", counting)
    for document in ("{ server { version } } # kept", "{ server { nothing } } # kept", "{ server # kept"):
        assert prepared(schema, document) is prepared(schema, document)
        assert parsed.count(document) == 1
    long = "{ server { version } } #" + "x" * documents.LONGEST_KEPT
    assert prepared(schema, long) is not prepared(schema, long)


def test_what_is_kept_is_bounded() -> None:
    first = "{ server { version } } # first"
    kept = prepared(schema, first)
    for index in range(12):
        prepared(schema, f"{{ server {{ version }} }} # {index}" + "x" * (documents.LONGEST_KEPT - 100))
    assert prepared(schema, first) is not kept


async def test_every_error_has_a_code_and_the_requests_id(api: Api) -> None:
    for document in (
        "{ server",
        "{ server { nothing } }",
        TOO_MANY_ALIASES,
        "query ($n: Int!) { tasks(first: $n) { totalCount } }",
        'mutation { submitTask(input: {runAt: "soon"}) { task { id } } }',
    ):
        assert (await api.refusal(document))[0] == "BAD_USER_INPUT"
    wrong = "mutation ($i: SubmitTaskInput!) { submitTask(input: $i) { task { id } } }"
    for wish, words in (
        ({"runAt": "2031-01-01T00:00:00"}, "RFC 3339"),
        ({"priority": 2**40}, "32-bit"),
        ({"priority": "high"}, "priority"),
        ({"unknown": 1}, "unknown"),
        ({"onDeadline": "MAYBE"}, "DeadlinePolicy"),
    ):
        code, message = await api.refusal(wrong, i=wish)
        assert code == "BAD_USER_INPUT"
        assert words in message


async def test_the_unexpected_is_masked_and_logged(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("rota.operations.metrics.snapshot", fail)
    with structlog.testing.capture_logs() as logs:
        answer = await api.ask("{ metrics { at } }")
    assert "secret" not in str(answer)
    assert answer["errors"][0]["extensions"] == {"code": "INTERNAL", "requestId": "req-1"}
    assert [(line["event"], line["request_id"], line["log_level"]) for line in logs] == [
        ("unexpected error", "req-1", "error")
    ]
    assert "the secret of the house" in str(logs[0]["exc_info"])


async def test_a_read_that_the_database_stopped_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stopped(_: object) -> None:
        async with api.platform.database.read():
            raise asyncpg.QueryCanceledError("canceling statement: SELECT * FROM secrets")

    monkeypatch.setattr("rota.operations.metrics.snapshot", stopped)
    with structlog.testing.capture_logs() as logs:
        answer = await api.ask("{ metrics { at } }")
    assert "secrets" not in str(answer)
    assert answer["errors"][0]["message"] == "The database took longer than 30 s for this and was stopped."
    assert answer["errors"][0]["extensions"] == {"code": "TIMEOUT", "requestId": "req-1"}
    assert [(line["event"], line["request_id"]) for line in logs] == [("a read took too long", "req-1")]


async def test_operations_at_the_same_time_have_rows_of_their_own(api: Api) -> None:
    await api.submit("ann", title="ann's")
    await api.submit("bob", title="bob's")
    document = "{ tasks { nodes { title owner { username } } } viewer { username } }"
    answers = await asyncio.gather(*(api.data(document, by) for by in ("ann", "bob") * 5))
    for by, answer in zip(("ann", "bob") * 5, answers, strict=True):
        assert answer["viewer"] == {"username": by}
        assert answer["tasks"]["nodes"] == [{"title": f"{by}'s", "owner": {"username": by}}]
