"""`rota submit`, `rota tasks`, `rota task`: the queue from a shell."""

import datetime
import sys
import time
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from rota import jsontext
from rota.commands.client import Client, Unreachable, choice, raise_for
from rota.commands.connection import ClientError
from rota.domain.states import TaskStatus

FIELDS = """
  id function title status priority progress progressMessage result exitCode createdAt startedAt finishedAt
  args error { type message traceback } queue { name } worker { name } waiting { message }
  attempts { number outcome startedAt finishedAt error { type message } worker { name } }
"""
SUBMIT = f"mutation Submit($input: SubmitTaskInput!) {{ submitTask(input: $input) {{ task {{ {FIELDS} }} errors {{ code message path }} }} }}"
WATCH = f"subscription Watch($id: ID!) {{ taskChanged(id: $id) {{ {FIELDS} }} }}"
SHOW = f"query Show($id: ID!) {{ task(id: $id) {{ {FIELDS} }} }}"
LIST = """query List($filter: TaskFilter, $first: Int!) { tasks(filter: $filter, first: $first) {
  nodes { id function title status priority createdAt finishedAt queue { name } } totalCount } }"""

# What ended an attempt that left no error.
REASONS = {
    "LOST": "its worker stopped answering; the task was taken back",
    "RELEASED": "its worker gave it back; this counts as no attempt",
}

# A server that is started again answers within seconds; one that is gone is given up after about a minute.
MOST_FAULTS = 15
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0

FINAL = {"SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"}
LOOKS = {
    "SUCCEEDED": "green",
    "FAILED": "red",
    "CANCELLED": "bright_black",
    "EXPIRED": "bright_black",
    "RUNNING": "yellow",
    "ASSIGNED": "yellow",
}

# What people wrote in a title or a result is shown as it stands: `[/b]` in it is no markup, `:x:` no picture.
out = Console(markup=False, emoji=False)
err = Console(stderr=True, markup=False, emoji=False)
# Control characters, which would command the terminal of whoever looks.
_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}


def parse_arg(text: str) -> tuple[str, Any]:
    """`name=value`; the value is JSON where it reads as JSON, else the text itself. Raises ClientError."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ClientError(f"{text!r} is no argument; write --arg name=value.")
    try:
        return name, jsontext.loads(value)
    except ValueError:
        return name, value


def submit(client: Client, wish: dict[str, Any], *, wait: bool, as_json: bool) -> int:
    """Submits one task; with `wait` follows it to its end. Returns the exit status for the shell."""
    payload = client.call(SUBMIT, input=wish)["submitTask"]
    raise_for(payload)
    task = payload["task"]
    if wait:
        task = follow(client, task, quiet=as_json)
    if as_json:
        out.print_json(jsontext.dumps(task))
    elif wait:
        _print_outcome(task)
    else:
        out.print(task["id"], highlight=False)
    return exit_status(task) if wait else 0


def exit_status(task: dict[str, Any]) -> int:
    """0 where it succeeded, else what the task reported, else 1."""
    if task["status"] == "SUCCEEDED":
        return 0
    reported = task.get("exitCode") or 1
    # A shell keeps eight bits: 256 would be a success.
    return reported if 0 < reported < 256 else 1


def follow(client: Client, task: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    """The task as it is at its end, with a line of progress on standard error meanwhile.

    A server that goes away is waited for. Raises ClientError when it stays away.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=quiet or not sys.stderr.isatty()) as progress:
        line = progress.add_task(_headline(task), total=None)
        for seen in _changes(client, task["id"]):
            task = seen
            share = task["progress"]
            total = None if share is None else 1.0
            progress.update(line, description=_headline(task), total=total, completed=share or 0)
    return task


def _changes(client: Client, task_id: str) -> Iterator[dict[str, Any]]:
    """The task at each of its changes, until its end. A stream that is cut is begun again, a few times."""
    faults = 0
    while True:
        try:
            for event in client.stream(WATCH, id=task_id):
                faults = 0
                yield event["taskChanged"]
                if event["taskChanged"]["status"] in FINAL:
                    return
        except Unreachable:
            if faults >= MOST_FAULTS:
                raise
        faults += 1
        time.sleep(min(FIRST_PAUSE_S * 2**faults, LONGEST_PAUSE_S))


def show(client: Client, task_id: str, *, as_json: bool) -> int:
    """Prints one task. Returns the exit status for the shell."""
    task = client.call(SHOW, id=task_id)["task"]
    if task is None:
        raise ClientError(f"There is no task {task_id} that you may see.")
    if as_json:
        out.print_json(jsontext.dumps(task))
        return 0
    table = Table.grid(padding=(0, 2))
    for name, value in _rows(task):
        table.add_row(Text(name, style="bright_black"), value)
    out.print(table)
    _print_attempts(task["attempts"])
    return 0


def list_tasks(client: Client, statuses: list[str], queue: str | None, first: int, *, as_json: bool) -> int:
    """Prints the newest tasks. Returns the exit status for the shell."""
    wanted: dict[str, Any] = {}
    if statuses:
        wanted["status"] = [choice("status", status, TaskStatus) for status in statuses]
    if queue:
        wanted["queue"] = [queue]
    page = client.call(LIST, filter=wanted or None, first=first)["tasks"]
    if as_json:
        out.print_json(jsontext.dumps(page))
        return 0
    table = Table(box=None, header_style="bright_black", expand=True, padding=(0, 1, 0, 0))
    table.add_column("task", no_wrap=True)
    table.add_column("status", no_wrap=True)
    # What is long gives way first; an id and a status are of use only whole.
    table.add_column("what", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("queue", no_wrap=True, overflow="ellipsis")
    table.add_column("prio", justify="right", no_wrap=True)
    table.add_column("created", no_wrap=True)
    for task in page["nodes"]:
        what = _shown(task["title"] or task["function"])
        when = _short(task["createdAt"])
        table.add_row(task["id"], _status(task["status"]), what, task["queue"]["name"], str(task["priority"]), when)
    out.print(table)
    out.print(f"{len(page['nodes'])} of {page['totalCount']:,}", style="bright_black")
    return 0


def _rows(task: dict[str, Any]) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = [
        ("task", task["id"]),
        ("what", _shown(task["title"])),
        ("status", _status(task["status"])),
        ("queue", f"{task['queue']['name']}, priority {task['priority']}"),
        ("args", jsontext.dumps(task["args"])),
        ("created", _local(task["createdAt"])),
    ]
    if task["waiting"]:
        rows.append(("waiting", task["waiting"]["message"]))
    if task["startedAt"]:
        rows.append(("started", _local(task["startedAt"])))
    if task["finishedAt"]:
        rows.append(("finished", _local(task["finishedAt"])))
    if task["status"] == "SUCCEEDED":
        rows.append(("result", jsontext.dumps(task["result"])))
    if task["error"]:
        rows.append(("error", Text(_fault(task["error"]), style="red")))
    return rows


def _print_attempts(attempts: list[dict[str, Any]]) -> None:
    if not attempts:
        return
    table = Table(box=None, header_style="bright_black")
    for heading in ("attempt", "outcome", "worker", "started", "error"):
        table.add_column(heading)
    for attempt in attempts:
        table.add_row(
            str(attempt["number"]),
            attempt["outcome"],
            (attempt["worker"] or {}).get("name", ""),
            _local(attempt["startedAt"]),
            ended_by(attempt),
        )
    out.print(table)


def ended_by(attempt: dict[str, Any]) -> str:
    """What ended an attempt, in words; empty where its outcome says it all."""
    error = attempt["error"]
    return _fault(error) if error else REASONS.get(attempt["outcome"], "")


def _print_outcome(task: dict[str, Any]) -> None:
    if task["status"] == "SUCCEEDED":
        out.print(jsontext.dumps(task["result"]), highlight=False, soft_wrap=True)
        return
    error = task["error"]
    reason = f": {_fault(error)}" if error else ""
    err.print(Text(f"{task['status']}{reason}", style="red"))


def _headline(task: dict[str, Any]) -> str:
    return _shown(" ".join(filter(None, [task["title"], task["status"].lower(), task["progressMessage"]])))


def _fault(error: dict[str, Any]) -> str:
    return _shown(f"{error['type']}: {error['message']}")


def _shown(text: str) -> str:
    return text.translate(_CONTROLS)


def _status(status: str) -> Text:
    return Text(status, style=LOOKS.get(status, "blue"))


def _short(instant: str) -> str:
    """The time of day where it was today, else the day."""
    local = datetime.datetime.fromisoformat(instant).astimezone()
    is_today = local.date() == datetime.datetime.now().astimezone().date()
    return local.strftime("%H:%M:%S" if is_today else "%Y-%m-%d")


def _local(instant: str) -> str:
    return datetime.datetime.fromisoformat(instant).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def wish(
    function: str, pairs: list[str], args: str | None, run_in: float | None, deadline_in: float | None
) -> dict[str, Any]:
    """The SubmitTaskInput of the command line's words; spans are seconds from now. Raises ClientError."""
    try:
        given = jsontext.loads(args) if args else {}
    except ValueError as error:
        raise ClientError(f"--args is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise ClientError('--args must be a JSON object, like {"a": 6}.')
    given.update(parse_arg(pair) for pair in pairs)
    wished: dict[str, Any] = {"function": function, "args": given}
    if run_in is not None:
        wished["runAt"] = _from_now(run_in)
    if deadline_in is not None:
        wished["deadline"] = _from_now(deadline_in)
    return wished


def _from_now(seconds: float) -> str:
    try:
        return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)).isoformat()
    except (OverflowError, ValueError) as error:  # not a number, too
        raise ClientError(f"{seconds} seconds from now is no instant.") from error
