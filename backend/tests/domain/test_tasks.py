"""What is allowed in a submitted task."""

import dataclasses
from typing import Any

import pytest

from rota.domain.errors import Invalid, TooLarge
from rota.domain.tasks import MAX_ARGS_BYTES, NewTask, check, check_args_size

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("priority", 0, ("priority",)),
        ("priority", 11, ("priority",)),
        ("deadline_at", NOW, ("deadline",)),  # has passed this very instant
        ("deadline_at", NOW * 1000, ("deadline",)),  # microseconds by mistake
        ("run_at", NOW * 1000, ("runAt",)),
        ("timeout_ms", 0, ("timeoutSeconds",)),
        ("timeout_ms", 8 * 24 * 3600 * 1000, ("timeoutSeconds",)),
        ("max_attempts", 0, ("maxAttempts",)),
        ("max_attempts", 101, ("maxAttempts",)),
        ("title", "  ", ("title",)),
        ("title", "x" * 201, ("title",)),
        ("idempotency_key", "", ("idempotencyKey",)),
        ("tags", tuple("abcdefghijklmnopqrstu"), ("tags",)),
        ("tags", ("ok", " "), ("tags", 1)),
        ("depends_on", ("task",) * 101, ("dependsOn",)),
    ],
)
def test_what_breaks_a_rule_is_named(field: str, value: Any, path: tuple[str | int, ...]) -> None:
    with pytest.raises(Invalid) as caught:
        check(dataclasses.replace(NewTask(function="f"), **{field: value}), NOW)
    assert caught.value.path == path


def test_a_start_after_the_deadline_is_refused() -> None:
    with pytest.raises(Invalid, match="before the deadline"):
        check(NewTask(function="f", run_at=NOW + 2, deadline_at=NOW + 1), NOW)


def test_the_widest_allowed_wish_passes() -> None:
    check(
        NewTask(
            function="f",
            title="x" * 200,
            priority=10,
            deadline_at=NOW + 2,
            run_at=NOW + 1,
            timeout_ms=1,
            max_attempts=100,
            tags=("a" * 50,),
        ),
        NOW,
    )


def test_args_are_measured_in_bytes() -> None:
    check_args_size("x" * MAX_ARGS_BYTES)
    with pytest.raises(TooLarge):
        check_args_size("é" * (MAX_ARGS_BYTES // 2 + 1))
