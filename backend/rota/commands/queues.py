"""`rota queue`: the queues of a running Rota, how each finds its workers, and its limits, seen and changed from a shell."""

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from rota import jsontext
from rota.commands.client import Client, choice, raise_for
from rota.commands.connection import ClientError
from rota.domain.hints import there_is_no
from rota.domain.strategies import Strategy

FIELDS = """
  name isPaused strategy depth runningCount waiting { reason count }
  limits { id function perKey maxRunning maxStarts periodSeconds heldBackCount }
"""
LIST = f"query Queues {{ queues {{ {FIELDS} }} }}"
ERRORS = "errors { code message path }"
STRATEGY = f"mutation Set($name: String!, $strategy: Strategy!) {{ setQueueStrategy(name: $name, strategy: $strategy) {{ {ERRORS} }} }}"
PAUSE = f"mutation Pause($name: String!) {{ pauseQueue(name: $name) {{ {ERRORS} }} }}"
RESUME = f"mutation Resume($name: String!) {{ resumeQueue(name: $name) {{ {ERRORS} }} }}"
LIMIT = f"mutation Limit($input: LimitInput!) {{ setLimit(input: $input) {{ {ERRORS} }} }}"
NO_LIMIT = f"mutation NoLimit($id: ID!) {{ removeLimit(id: $id) {{ {ERRORS} }} }}"


out = Console(markup=False, emoji=False)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different; None and False: it stays as it is. A limit is for `function` and `per_key`, or the whole queue."""

    strategy: str | None = None
    is_paused: bool | None = None
    function: str | None = None
    per_key: bool = False
    running: int | None = None
    starts: int | None = None
    seconds: float | None = None
    no_limit: bool = False


def run(client: Client, name: str | None, change: Change, *, as_json: bool) -> int:
    """Changes a queue where something is to be different; then shows it, or without a name all of them."""
    if name is not None:
        _change(client, name, change)
    elif change != Change():
        raise ClientError("Name the queue that is to be changed.")
    found = client.call(LIST)["queues"]
    if name is not None:
        found = [_named(found, name)]
    if as_json:
        out.print_json(jsontext.dumps(found if name is None else found[0]))
    else:
        _print(found)
    return 0


def _change(client: Client, name: str, change: Change) -> None:
    sets_limit = change.running is not None or change.starts is not None or change.seconds is not None
    if change.no_limit and sets_limit:
        raise ClientError("--no-limit removes one; it goes with --function and --per-key alone.")
    if (change.function or change.per_key) and not (sets_limit or change.no_limit):
        raise ClientError(
            "--function and --per-key say what a limit is for: give --running, --starts or --no-limit too."
        )
    if change.strategy is not None:
        strategy = choice("strategy", change.strategy, Strategy)
        raise_for(client.call(STRATEGY, name=name, strategy=strategy)["setQueueStrategy"])
    if change.is_paused is not None:
        (payload,) = client.call(PAUSE if change.is_paused else RESUME, name=name).values()
        raise_for(payload)
    if sets_limit:
        wish = {
            "queue": name,
            "function": change.function,
            "perKey": change.per_key,
            "maxRunning": change.running,
            "maxStarts": change.starts,
            "periodSeconds": change.seconds,
        }
        raise_for(client.call(LIMIT, input=wish)["setLimit"])
    if change.no_limit:
        limits = _named(client.call(LIST)["queues"], name)["limits"]
        mine = [one for one in limits if (one["function"], one["perKey"]) == (change.function, change.per_key)]
        if not mine:
            raise ClientError(f"There is no such limit in the queue {name}.")
        raise_for(client.call(NO_LIMIT, id=mine[0]["id"])["removeLimit"])


def _named(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    for one in found:
        if one["name"] == name:
            return one
    raise ClientError(there_is_no("queue", name, (one["name"] for one in found)))


def _print(found: list[dict[str, Any]]) -> None:
    table = Table(box=None, header_style="bright_black")
    for heading in ("queue", "strategy", "ready", "running", "waiting", "limits"):
        table.add_column(heading)
    for one in found:
        waiting = ", ".join(f"{each['count']:,} {each['reason']}" for each in one["waiting"])
        paused = " (paused)" if one["isPaused"] else ""
        limits = "\n".join(_words(limit) for limit in one["limits"])
        table.add_row(
            one["name"], f"{one['strategy']}{paused}", f"{one['depth']:,}", f"{one['runningCount']:,}", waiting, limits
        )
    out.print(table)


def _words(limit: dict[str, Any]) -> str:
    whose = limit["function"] or "whole queue"
    bounds = []
    if limit["maxRunning"] is not None:
        bounds.append(f"{limit['maxRunning']:,} running")
    if limit["maxStarts"] is not None:
        bounds.append(f"{limit['maxStarts']:,} starts in {limit['periodSeconds']:g} s")
    held = f", holds back {limit['heldBackCount']:,}" if limit["heldBackCount"] else ""
    return f"{whose}{' per key' if limit['perKey'] else ''}: {', '.join(bounds)}{held}"
