"""What a task is asked for with: filters, orders, and the wish of a submit."""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import strawberry
from strawberry.types.arguments import InputContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.utils.str_converters import to_camel_case

from rota import ids
from rota.domain.access import Viewer
from rota.domain.errors import Invalid
from rota.domain.rank import PRIORITIES
from rota.domain.states import WAITING
from rota.domain.tasks import NewTask
from rota.graphql.errors import BadUserInput, without_nul
from rota.graphql.scalars import Instant, Json
from rota.graphql.types.enums import DeadlinePolicy, TaskOrder, TaskStatus
from rota.graphql.types.searches import parted
from rota.store.conditions import Condition, steps_of, texts_of
from rota.store.selection import TaskQuery

T = TypeVar("T")

MOST_CHOICES = 100
LONGEST_SEARCH = 200  # characters
MOST_CONDITIONS = 5


@strawberry.input(description="A value that one argument of a task must have.")
class ArgumentFilter:
    path: str = strawberry.field(
        description='Which one: `user.id`, `items[0].sku`; a key with a dot in it stands in quotes, `"a.b".c`.'
    )
    value: Json | None = strawberry.field(
        default=None,
        description="A text, a number (big integers are exact), true, false or null; 2 and 2.0 are the same.",
    )


@strawberry.input(description="Which tasks; a task must match all that is given, and one of each list.")
class TaskFilter:
    status: list[TaskStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="In one of these statuses."
    )
    queue: list[str] | None = strawberry.field(default=strawberry.UNSET, description="In one of these queues, by name.")
    function: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Running one of these functions."
    )
    tag: list[str] | None = strawberry.field(default=strawberry.UNSET, description="With one of these tags.")
    priority: list[int] | None = strawberry.field(default=strawberry.UNSET, description="Of one of these priorities.")
    priority_at_least: int | None = strawberry.field(default=strawberry.UNSET, description="Of this priority or above.")
    owned_by_me: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: only the viewer's own; clients see no others anyway."
    )
    worker_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="That this worker has, or had last."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Free text over title, function and args; a task's id finds it too. "
            'In it `args.user.id:123` or `args.name:"Ada L."` is a condition on one argument, as in `args`.'
        ),
    )
    args: list[ArgumentFilter] | None = strawberry.field(
        default=strawberry.UNSET, description="With these values among its arguments, all of them; at most 5."
    )
    created_after: Instant | None = strawberry.field(
        default=strawberry.UNSET, description="Submitted after this instant."
    )
    created_before: Instant | None = strawberry.field(
        default=strawberry.UNSET, description="Submitted before this instant."
    )
    has_deadline: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: only tasks with a deadline; false: only those without."
    )


@strawberry.input(description="A task to submit. What is left out is the function's default, or Rota's.")
class SubmitTaskInput:
    function: str | None = strawberry.field(default=strawberry.UNSET, description="The function to run.")
    title: str | None = strawberry.field(
        default=strawberry.UNSET, description="What people see, up to 200 characters; the function's name if left out."
    )
    args: Json | None = strawberry.field(
        default=strawberry.UNSET, description="Named arguments as an object, checked against the function's schema."
    )
    queue: str | None = strawberry.field(default=strawberry.UNSET, description="The queue to stand in.")
    priority: int | None = strawberry.field(default=strawberry.UNSET, description="1 to 10; 10 goes first.")
    deadline: Instant | None = strawberry.field(default=strawberry.UNSET, description="By when it should have ended.")
    on_deadline: DeadlinePolicy | None = strawberry.field(
        default=strawberry.UNSET, description="What happens when the deadline passes as it runs; CANCEL if left out."
    )
    run_at: Instant | None = strawberry.field(default=strawberry.UNSET, description="Not before this instant.")
    timeout_seconds: float | None = strawberry.field(
        default=strawberry.UNSET, description="The bound on one attempt, up to 7 days."
    )
    max_attempts: int | None = strawberry.field(default=strawberry.UNSET, description="1 to 100 attempts.")
    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A second submit by the same owner with the same key returns the first task.",
    )
    depends_on: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Up to 100 tasks that must succeed before it starts."
    )
    tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Up to 20 words of up to 50 characters to find it by."
    )
    limit_key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Tasks of one function and one key share a limit where the function has one per key; a customer, say.",
    )


def given(value: T | None) -> T | None:
    """What was given; None where it was left out or null."""
    return None if value is strawberry.UNSET else value


def query_of(
    wanted: TaskFilter | None,
    viewer: Viewer,
    order: TaskOrder = TaskOrder.NEWEST_FIRST,
    after: tuple[int, str] | None = None,
) -> TaskQuery:
    """The filter as the store takes it, bounded to what the viewer may see. Raises BadUserInput or InvalidId."""
    wanted = wanted or TaskFilter()
    worker_id = given(wanted.worker_id)
    if worker_id is not None:
        ids.parse_id(ids.WORKER, worker_id)
    statuses = _choices("status", wanted.status)
    if order is TaskOrder.NEXT_TO_RUN and not statuses:
        statuses = tuple(status for status in TaskStatus if status in WAITING)
    search, conditions = parted(_search(given(wanted.search)) or "")
    return TaskQuery(
        statuses=tuple(status.value for status in statuses),
        queues=_choices("queue", wanted.queue),
        functions=_choices("function", wanted.function),
        tags=_choices("tag", wanted.tag),
        priorities=tuple(sorted({_priority("priority", one) for one in given(wanted.priority) or []})),
        priority_at_least=_at_least(given(wanted.priority_at_least)),
        owner_id=viewer.user_id if given(wanted.owned_by_me) or not viewer.is_admin else None,
        worker_id=worker_id,
        search=search,
        args=_conditions(given(wanted.args) or [], conditions),
        created_after=given(wanted.created_after),
        created_before=given(wanted.created_before),
        has_deadline=given(wanted.has_deadline),
        order=order.value,
        after=after,
    )


def wish_of(wanted: SubmitTaskInput) -> NewTask:
    """The input as the domain takes it. Raises Invalid, or InvalidId for a malformed id."""
    asked = {name: value for name, value in vars(wanted).items() if value is not None and value is not strawberry.UNSET}
    for name, (to, convert) in _CONVERTED.items():
        if name in asked:
            asked[to] = convert(asked.pop(name))
    return NewTask(**asked)


def _arguments(args: Any) -> dict[str, Any]:
    if not isinstance(args, dict):
        raise Invalid("args must be an object of named arguments.", ("args",))
    return args


def _built(kind: type[SubmitTaskInput], given_values: Mapping[str, Any], _: InputContext) -> SubmitTaskInput:
    """The input of what was given. Strawberry asks every field of every task whether it was: half of what a submit of many took."""
    wanted = kind.__new__(kind)
    wanted.__dict__.update({_PYTHON_NAMES[name]: value for name, value in given_values.items()})
    return wanted


_SUBMITTED: StrawberryObjectDefinition = SubmitTaskInput.__strawberry_definition__  # type: ignore[attr-defined]
_SUBMITTED.from_input = _built
_PYTHON_NAMES = {to_camel_case(field.python_name): field.python_name for field in _SUBMITTED.fields}


def _choices(name: str, values: list[Any] | None) -> tuple[Any, ...]:
    """Each once: the rows of each status are looked for apart."""
    chosen = given(values) or []
    if len(chosen) > MOST_CHOICES:
        raise BadUserInput(f"filter.{name} takes at most {MOST_CHOICES} values.")
    return tuple(dict.fromkeys(without_nul(f"filter.{name}", value) for value in chosen))


def _priority(name: str, priority: int) -> int:
    if priority not in PRIORITIES:
        raise BadUserInput(f"filter.{name} is {PRIORITIES[0]} to {PRIORITIES[-1]}, not {priority}.")
    return priority


def _at_least(priority: int | None) -> int | None:
    return None if priority is None else _priority("priorityAtLeast", priority)


def _conditions(wanted: list[ArgumentFilter], typed: list[Condition]) -> tuple[Condition, ...]:
    """Those that were given and those that were typed in the search, each once."""
    try:
        found = [(steps_of(without_nul("filter.args", one.path)), texts_of(one.value)) for one in wanted]
    except ValueError as error:
        raise BadUserInput(f"filter.args: {error}.") from None
    if len(found) + len(typed) > MOST_CONDITIONS:
        raise BadUserInput(f"A filter takes at most {MOST_CONDITIONS} conditions on arguments.")
    if any(len(text) > LONGEST_SEARCH for _, texts in found for text in texts):
        raise BadUserInput(f"filter.args takes values of at most {LONGEST_SEARCH} characters.")
    return tuple(dict.fromkeys([*found, *typed]))


def _search(text: str | None) -> str | None:
    text = (text or "").strip()
    if len(text) > LONGEST_SEARCH:
        raise BadUserInput(f"filter.search takes at most {LONGEST_SEARCH} characters.")
    return without_nul("filter.search", text) or None


def milliseconds(seconds: float | None) -> int | None:
    """Rounded up, so that a tiny timeout stays one; the domain refuses what is no time at all."""
    if seconds is None:
        return None
    return math.ceil(min(max(seconds, -1.0), 1e9) * 1000)


# What the domain names otherwise, or keeps in another form.
_CONVERTED: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "args": ("args", _arguments),
    "deadline": ("deadline_at", int),
    "on_deadline": ("on_deadline", lambda policy: policy.value),
    "timeout_seconds": ("timeout_ms", milliseconds),
    "depends_on": ("depends_on", lambda needs: tuple(ids.parse_id(ids.TASK, task_id) for task_id in needs)),
    "tags": ("tags", tuple),
}
