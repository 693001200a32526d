"""A task as a client hands it in, and what is allowed in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rota.domain.errors import Invalid, TooLarge
from rota.domain.rank import PRIORITIES

MAX_TITLE = 200  # characters
MAX_TAGS = 20
MAX_TAG = 50  # characters
MAX_KEY = 200  # characters
MAX_DEPENDENCIES = 100
MAX_ATTEMPTS = range(1, 101)
MAX_TIMEOUT_S = 7 * 24 * 3600
MAX_ARGS_BYTES = 256 * 1024
MAX_BATCH = 1_000
FAR_FUTURE_MS = 10 * 366 * 24 * 3600 * 1000  # later instants are mistakes: seconds taken for milliseconds, say


@dataclass(frozen=True, slots=True)
class NewTask:
    """A client's wish; None means the function's or Rota's default. Instants in ms since the epoch."""

    function: str | None = None
    title: str | None = None
    args: dict[str, Any] = field(default_factory=dict)
    queue: str | None = None
    priority: int | None = None
    deadline_at: int | None = None
    on_deadline: str = "CANCEL"
    run_at: int | None = None
    timeout_ms: int | None = None
    max_attempts: int | None = None
    idempotency_key: str | None = None
    depends_on: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    limit_key: str | None = None


def check(task: NewTask, now: int) -> None:
    """Raises Invalid (with the path of the input field) at the first rule that the wish breaks."""
    check_priority(task.priority)
    check_instants(now, deadline_at=task.deadline_at, run_at=task.run_at)
    if task.timeout_ms is not None and not 0 < task.timeout_ms <= MAX_TIMEOUT_S * 1000:
        raise Invalid(f"timeoutSeconds must be above 0 and at most {MAX_TIMEOUT_S:,} (7 days).", ("timeoutSeconds",))
    if task.max_attempts is not None and task.max_attempts not in MAX_ATTEMPTS:
        raise Invalid(f"maxAttempts must be {MAX_ATTEMPTS[0]} to {MAX_ATTEMPTS[-1]}.", ("maxAttempts",))
    _check_length("title", task.title, MAX_TITLE)
    check_key(task.idempotency_key)
    _check_length("limitKey", task.limit_key, MAX_KEY)
    if task.limit_key is not None and any(ord(letter) < 32 or ord(letter) == 127 for letter in task.limit_key):
        raise Invalid("limitKey must not contain control characters.", ("limitKey",))
    _check_tags(task.tags)
    if len(task.depends_on) > MAX_DEPENDENCIES:
        raise Invalid(f"A task may depend on at most {MAX_DEPENDENCIES} others.", ("dependsOn",))


def check_key(key: str | None) -> None:
    """Raises Invalid where an idempotency key cannot be kept."""
    _check_length("idempotencyKey", key, MAX_KEY)


def check_priority(priority: int | None) -> None:
    """Raises Invalid unless it is 1 to 10 or left out."""
    if priority is not None and priority not in PRIORITIES:
        raise Invalid(f"priority must be {PRIORITIES[0]} to {PRIORITIES[-1]}; 10 goes first.", ("priority",))


def check_instants(now: int, *, deadline_at: int | None, run_at: int | None) -> None:
    """Raises Invalid where a deadline has passed, lies before the start, or an instant is absurdly far away."""
    for name, instant in (("deadline", deadline_at), ("runAt", run_at)):
        if instant is not None and instant > now + FAR_FUTURE_MS:
            raise Invalid(f"{name} lies more than ten years ahead.", (name,))
    if deadline_at is not None and deadline_at <= now:
        raise Invalid("deadline has passed already.", ("deadline",))
    if deadline_at is not None and run_at is not None and run_at >= deadline_at:
        raise Invalid("runAt must lie before the deadline.", ("runAt",))


def check_args_size(args: str) -> None:
    """Raises TooLarge where the JSON text is over the limit."""
    if len(args) > MAX_ARGS_BYTES or len(args.encode()) > MAX_ARGS_BYTES:
        raise TooLarge(
            f"args are larger than {MAX_ARGS_BYTES // 1024} KiB; put large input in a file or a store.", ("args",)
        )


def _check_length(name: str, text: str | None, longest: int) -> None:
    if text is None:
        return
    if not text.strip():
        raise Invalid(f"{name} must not be blank.", (name,))
    if len(text) > longest:
        raise Invalid(f"{name} may have at most {longest} characters.", (name,))
    _check_text(name, text, (name,))


def _check_tags(tags: Sequence[str]) -> None:
    if len(tags) > MAX_TAGS:
        raise Invalid(f"A task may have at most {MAX_TAGS} tags.", ("tags",))
    for index, tag in enumerate(tags):
        if not tag.strip() or len(tag) > MAX_TAG:
            raise Invalid(f"A tag has 1 to {MAX_TAG} characters.", ("tags", index))
        _check_text("A tag", tag, ("tags", index))


def _check_text(name: str, text: str, path: tuple[str | int, ...]) -> None:
    """PostgreSQL keeps no NUL, and nothing keeps half a surrogate pair."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Invalid(f"{name} holds a character that cannot be kept (NUL, or half of a surrogate pair).", path)
