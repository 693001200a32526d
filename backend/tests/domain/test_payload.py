"""What Redis holds of a task."""

import json

from rota.domain.limits import limit_names
from rota.domain.payload import Payload, build, from_parsed
from rota.domain.retry import Backoff

FULL = Payload(
    function="f",
    args='{"n":123456789012345678901234567890}',
    created_at=1_700_000_000_000,
    limit_key='a "b" \\ é',
    priority=9,
    max_attempts=7,
    timeout_ms=1_500,
    deadline_at=1_700_000_100_000,
    on_deadline="FINISH_LATE",
    level_ms=60_000,
    expected_ms=42,
    backoff=Backoff(10, 3.0, 1_000),
)


def test_everything_comes_back() -> None:
    parsed = json.loads(build(FULL))
    assert from_parsed(parsed, FULL.args) == FULL
    assert parsed["a"] == {"n": 123456789012345678901234567890}


def test_defaults_take_no_room() -> None:
    plain = Payload(function="multiply", args="{}", created_at=1_700_000_000_000)
    assert build(plain) == b'{"f":"multiply","c":1700000000000,"a":{}}'
    assert from_parsed(json.loads(build(plain)), "{}") == plain


def test_function_and_limit_key_come_first_and_hold_no_bare_quote() -> None:
    """Lua reads them up to the next quote."""
    keyed = Payload(function="f", args="{}", created_at=1, limit_key='a"b\\"c')
    assert build(keyed) == b'{"f":"f","k":"a\\u0022b\\u005c\\u0022c","c":1,"a":{}}'
    assert from_parsed(json.loads(build(keyed)), "{}") == keyed
    assert limit_names("f", keyed.limit_key)[0].encode() in b'k:f"' + build(keyed).split(b'"')[7]


def test_the_args_text_is_not_touched() -> None:
    odd = Payload(function="f", args='{"b": 1.0,  "a":1e2}', created_at=1)
    assert b'{"b": 1.0,  "a":1e2}' in build(odd)
