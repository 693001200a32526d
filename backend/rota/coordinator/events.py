"""What the journal's entries tell of tasks, in parts that are recorded together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rota import jsontext
from rota.broker.journal import START, Batch, Entry
from rota.domain import record as fold
from rota.domain.errors import IllegalMove
from rota.domain.events import Kind
from rota.domain.record import Death, TaskFacts
from rota.logs import get_logger

log = get_logger(__name__)

# What a worker of another make may have sent. The others' events must not wait for it for ever.
_SENSELESS = (AttributeError, IllegalMove, KeyError, OverflowError, TypeError, ValueError)
# Of an attempt whose outcome the database does not take. It does not go on: it would end like this again.
UNKEPT_ERROR = {"type": "Unkept", "message": "What it told of its outcome cannot be kept."}
BUSY_FROM = 5  # entries in one batch
_WORDS = (fold.progressed, fold.said)
# A task's id, the move of the fold, and what it takes beside the task's facts.
Event = tuple[str, Callable[..., None], tuple[Any, ...]]


class Part(NamedTuple):
    """Events up to a position."""

    position: str
    events: list[Event]


def parts(batch: Batch, most: int) -> Iterator[Part]:
    """A batch in parts of hardly more than `most` events: an entry may hold hundreds, and a long transaction keeps others waiting."""
    events: list[Event] = []
    for entry in batch.entries:
        _read(entry, events)
        if len(events) >= most or entry is batch.entries[-1]:
            yield Part(f"{batch.epoch}/{entry.id}", events)
            events = []


def leave_claims(batch: Batch) -> None:
    """Leaves what was claimed last for the next batch, where there is much: by then it has mostly ended, and its row is written once."""
    while len(batch.entries) >= BUSY_FROM and batch.entries[-1].kind == Kind.CLAIMED:
        batch.entries.pop()


def by_task(told: Sequence[Event]) -> list[list[Event]]:
    """The events of each task."""
    found: dict[str, list[Event]] = {}
    for event in told:
        found.setdefault(event[0], []).append(event)
    return list(found.values())


def in_short(told: Sequence[Event], at: int) -> list[Event]:
    """The same of one task, without what functions and workers make up: that it ended is kept, if not as what."""
    return [
        event if move is not fold.settled else _unkept(*event, at) for event in told if (move := event[1]) not in _WORDS
    ]


def _unkept(task_id: str, move: Callable[..., None], args: tuple[Any, ...], at: int) -> Event:
    item, *others = args
    try:
        number, lease = item["number"], item["lease"]
    except _SENSELESS:
        return task_id, move, args  # left out, as ever
    ending = {"id": task_id, "number": number, "lease": lease, "outcome": "FAILED", "at": at, "used": number}
    return task_id, move, ({**ending, "error": UNKEPT_ERROR}, *others)


def end_of(batch: Batch) -> str:
    """The position after a batch."""
    return f"{batch.epoch}/{batch.entries[-1].id if batch.entries else START}"


def apply(told: Sequence[Event], facts: Mapping[str, TaskFacts]) -> None:
    """Makes the facts what they are after these events; of a task that was deleted meanwhile there are none."""
    for task_id, move, args in told:
        task = facts.get(task_id)
        if task is not None:
            try:
                move(task, *args)
            except _SENSELESS as error:
                log.error(
                    "an event that makes no sense is left out",
                    task_id=task_id,
                    status=task.status,
                    error=type(error).__name__,
                )


def _read(entry: Entry, events: list[Event]) -> None:
    try:
        items = jsontext.loads(entry.body)
        if entry.kind == Kind.PUSHED:
            # Of what still waits for its instant SQL has all that this says, and who pushed it has told of it.
            events += [(task_id, fold.promoted, (entry.at,)) for task_id, due in items if due < 0]
        else:
            events += list(_READERS[entry.kind](items, entry))
    except _SENSELESS as error:
        log.error(
            "a journal entry that makes no sense is left out",
            entry=entry.id,
            kind=entry.kind,
            error=type(error).__name__,
        )


def _promoted(items: Any, entry: Entry) -> Iterator[Event]:
    args = (entry.at,)
    return ((task_id, fold.promoted, args) for task_id in items)


def _expired(items: Any, entry: Entry) -> Iterator[Event]:
    args = (entry.at,)
    return ((task_id, fold.expired, args) for task_id in items)


def _assigned(items: Any, entry: Entry) -> Iterator[Event]:
    at = entry.at
    return ((task_id, fold.assigned, (number, to, at)) for task_id, to, number in items)


def _unassigned(items: Any, _: Entry) -> Iterator[Event]:
    return ((task_id, fold.unassigned, (number,)) for task_id, number in items)


def _claimed(items: Any, entry: Entry) -> Iterator[Event]:
    lease, worker, at = entry.lease, entry.worker, entry.at
    return ((task_id, fold.claimed, (number, lease, worker, at)) for task_id, number in items)


def _settled(items: Any, entry: Entry) -> Iterator[Event]:
    worker = entry.worker
    return ((item["id"], fold.settled, (item, worker)) for item in items)


def _late(items: Any, _: Entry) -> Iterator[Event]:
    return ((item["id"], fold.late, (item,)) for item in items)


def _lost(items: Any, entry: Entry) -> Iterator[Event]:
    at = entry.at
    return ((task_id, fold.lost, (number, int(held), Death(poison), at)) for task_id, number, held, _, poison in items)


def _said(items: Any, _: Entry) -> Iterator[Event]:
    return (
        (task_id, fold.said, (number, int(held), first, lines, left_out))
        for task_id, number, held, first, lines, left_out in items
    )


def _progress(items: Any, _: Entry) -> Iterator[Event]:
    return (
        (task_id, fold.progressed, (number, int(held), progress, message))
        for task_id, number, held, progress, message in items
    )


# docs/architecture.md gives each body's shape.
_READERS: dict[str, Callable[[Any, Entry], Iterator[Event]]] = {
    Kind.PROMOTED: _promoted,
    Kind.EXPIRED: _expired,
    Kind.ASSIGNED: _assigned,
    Kind.UNASSIGNED: _unassigned,
    Kind.CLAIMED: _claimed,
    Kind.SETTLED: _settled,
    Kind.LATE: _late,
    Kind.LOST: _lost,
    Kind.SAID: _said,
    Kind.PROGRESS: _progress,
}
