"""Limits on how much of a queue runs at once and starts in a period, and the names by which Redis counts."""

from dataclasses import dataclass

from rota.domain.errors import Invalid

MAX_RUNNING = 100_000
MAX_STARTS = 1_000  # each start within the period is remembered
PERIOD_MS = range(100, 31 * 24 * 3600 * 1000 + 1)  # 0.1 s to 31 days
QUEUE_LIMIT = "q"


@dataclass(frozen=True, slots=True)
class NewLimit:
    """A limit as an administrator sets it: for a queue, a function, or each limit key of a function; None = no bound."""

    queue: str
    function: str | None = None
    per_key: bool = False
    max_running: int | None = None
    max_starts: int | None = None
    period_ms: int | None = None


def check(limit: NewLimit) -> None:
    """Raises Invalid (with the path of the input field) at the first rule that it breaks."""
    if limit.per_key and limit.function is None:
        raise Invalid("A limit per key needs the function whose tasks it is for.", ("function",))
    if limit.function is not None and not _is_countable(limit.function):
        raise Invalid(
            "A function whose name holds a quote, a backslash or a control character cannot be limited.", ("function",)
        )
    if limit.max_running is None and limit.max_starts is None:
        raise Invalid("Give maxRunning, or maxStarts with periodSeconds, or both.", ("maxRunning",))
    if limit.max_running is not None and not 1 <= limit.max_running <= MAX_RUNNING:
        raise Invalid(f"maxRunning must be 1 to {MAX_RUNNING:,}; to stop a queue, pause it.", ("maxRunning",))
    if limit.max_starts is not None and not 1 <= limit.max_starts <= MAX_STARTS:
        raise Invalid(f"maxStarts must be 1 to {MAX_STARTS:,}.", ("maxStarts",))
    if (limit.max_starts is None) != (limit.period_ms is None):
        raise Invalid("maxStarts and periodSeconds go together.", ("periodSeconds",))
    if limit.period_ms is not None and limit.period_ms not in PERIOD_MS:
        raise Invalid("periodSeconds must be 0.1 to 2,678,400 (31 days).", ("periodSeconds",))


def rule_name(function: str | None, *, per_key: bool) -> str:
    """The limit's name in Redis: `q`, `f:<function>`, `k:<function>`."""
    if function is None:
        return QUEUE_LIMIT
    return f"k:{function}" if per_key else f"f:{function}"


def rule(max_running: int | None, max_starts: int | None, period_ms: int | None) -> str:
    """The limit's value in Redis; 0 = no bound."""
    return f"{max_running or 0}:{max_starts or 0}:{period_ms or 0}"


def limit_names(function: str, key: str | None) -> list[str]:
    """The names under which a task may be held back, the narrowest first. The same as in `lua/_limits.lua`."""
    names = [f"f:{function}"]
    return names if key is None else [f'k:{function}"{written_key(key)}', *names]


def written_key(key: str) -> str:
    """A limit key as it stands in the payload: JSON, and without a quote or a backslash that would end it for Lua."""
    return key.replace("\\", "\\u005c").replace('"', "\\u0022")


def _is_countable(function: str) -> bool:
    return not any(letter in '"\\' or ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in function)
