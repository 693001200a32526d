"""Actions on many tasks: asked for at once, done a few tasks at a time, with the rights of who asked."""

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

from rota import ids, jsontext
from rota.domain import tasks as rules
from rota.domain.access import Viewer, may_change_task, may_operate, may_submit
from rota.domain.bulk import ABLE, MOST_ERRORS, MOST_IDS, MOST_UNFINISHED, RESET_WORDS, UNDOABLE, BulkKind, BulkStatus
from rota.domain.errors import Conflict, Invalid, NotAllowed, NotFound, RotaError
from rota.domain.events import Change
from rota.operations import tasks as one_task
from rota.operations import undo
from rota.operations.accounts import viewer_of
from rota.operations.platform import Platform
from rota.operations.queues import configure
from rota.operations.tasks import Effects, Place
from rota.store import bulk as store
from rota.store import listing, queues, tasks, ticks, users
from rota.store.database import Connection, again_on_deadlock
from rota.store.models import BulkAction, BulkMark, Task
from rota.store.selection import TaskQuery

AT_ONCE = 100  # tasks in one transaction
DELETED_AT_ONCE = 500  # of a reset, which looks at none of them


async def ask(
    platform: Platform,
    viewer: Viewer,
    kind: BulkKind,
    task_ids: Sequence[str] | None,
    wanted: TaskQuery | None,
    changes: Place | None = None,
) -> BulkAction:
    """Keeps an action for the coordinator to do: on these tasks, or on those that match and were submitted by now.

    Raises Invalid, NotAllowed, or Conflict where the viewer has too many that are not finished.
    """
    if not may_submit(viewer):
        raise NotAllowed("Only clients and administrators change tasks; this account is a worker's alone.")
    at = platform.clock.now_ms()
    _check(at, kind, task_ids, wanted, changes)
    action = _new(kind, viewer, at)
    action.ids = None if task_ids is None else jsontext.dumps(sorted(set(task_ids)))
    action.wanted = None if wanted is None else jsontext.dumps(dataclasses.asdict(_fixed(kind, wanted, at)))
    action.changes = jsontext.dumps(list(changes or ()))
    action.total = None if task_ids is None else len(set(task_ids))
    async with platform.database.transaction() as db:
        await _create(db, viewer, action)
    platform.announcer.tell(Change(actions=True))
    return action


async def ask_undo(platform: Platform, viewer: Viewer, action_id: str) -> BulkAction:
    """Has an action undone that the viewer may see: an action in its turn. Raises NotAllowed, NotFound or Conflict."""
    if not may_submit(viewer):
        raise NotAllowed("Only clients and administrators change tasks; this account is a worker's alone.")
    found = await visible(platform, viewer, action_id)
    if found is None:
        raise NotFound(f"There is no action {action_id}.", ("id",))
    if BulkKind(found.kind) not in UNDOABLE:
        raise Conflict("Only what was cancelled while it waited, or moved, can be put back.", ("id",))
    action = _new(BulkKind.UNDO, viewer, platform.clock.now_ms())
    action.undoes, action.total = found.id, found.marked
    async with platform.database.transaction() as db:
        if not await store.set_undone(db, found.id, action.id):
            raise Conflict("It has been undone already, or is not finished.", ("id",))
        if not found.marked:
            raise Conflict("There is nothing to put back: it changed no task that waited.", ("id",))
        await _create(db, viewer, action)
    platform.announcer.tell(Change(actions=True))
    return action


def _new(kind: BulkKind, viewer: Viewer, at: int) -> BulkAction:
    return BulkAction(
        id=ids.new_id(ids.BULK),
        kind=kind.value,
        status=BulkStatus.RUNNING.value,
        owner_id=viewer.user_id,
        changes="[]",
        done=0,
        failed=0,
        errors="[]",
        place="",
        created_at=at,
    )


async def _create(db: Connection, viewer: Viewer, action: BulkAction) -> None:
    if await store.unfinished_of(db, viewer.user_id) >= MOST_UNFINISHED:
        raise Conflict(f"You have {MOST_UNFINISHED} actions that are not finished; wait for one of them.")
    await store.create(db, action)


async def reset(platform: Platform, viewer: Viewer, confirm: str) -> BulkAction:
    """Has all tasks deleted, whatever they are doing. Raises NotAllowed, Invalid without the words, or Conflict."""
    if not may_operate(viewer):
        raise NotAllowed("Only administrators reset the system.")
    if confirm != RESET_WORDS:
        raise Invalid(f'confirm must be "{RESET_WORDS}": it cannot be undone.', ("confirm",))
    return await ask(platform, viewer, BulkKind.RESET, None, TaskQuery())


async def visible(platform: Platform, viewer: Viewer, action_id: str) -> BulkAction | None:
    """An action that the viewer asked for, or any for administrators; None for an unknown and for a foreign one alike."""
    async with platform.database.read() as db:
        action = await store.get(db, action_id)
    return action if action is not None and (viewer.is_admin or action.owner_id == viewer.user_id) else None


async def newest(platform: Platform, viewer: Viewer, first: int) -> list[BulkAction]:
    """The newest actions that the viewer asked for; all for administrators."""
    async with platform.database.read() as db:
        return await store.newest(db, None if viewer.is_admin else viewer.user_id, first)


@again_on_deadlock
async def step(platform: Platform, action_id: str) -> BulkAction | None:
    """Does the next tasks of an action; with them, in one transaction, goes how far it is. None where it has finished."""
    # Found before the transaction: a search may take long, and SQLite has one writer.
    async with platform.database.read() as db:
        seen = await store.get(db, action_id)
        viewer = await _still(db, seen) if seen is not None else None
        total = seen.total if seen is not None else None
        wanted: list[str] | None = None
        if seen is not None and viewer is not None:
            if total is None:
                total = await listing.count(db, _query(seen, viewer))
            wanted = await _next(db, viewer, seen)
    if seen is not None and seen.kind == BulkKind.RESET and wanted == []:
        # All rows are gone. Before it has ended: where Redis is away it is tried again.
        await _empty(platform)
    effects = Effects()
    async with platform.database.transaction() as db:
        action = await store.lock(db, action_id)
        if action is None or seen is None or action.place != seen.place:
            return None  # another leader was quicker
        action.total = total
        # Asked again: roles may have changed just now.
        viewer = await _still(db, action)
        if viewer is None:
            _finish(platform, action, BulkStatus.STOPPED, "Who asked for it may not change tasks any more.")
        elif action.kind == BulkKind.RESET:
            await _wipe(db, platform, action, wanted or [], effects)
        elif wanted is not None:
            await _some(db, platform, viewer, action, wanted, effects)
        await store.save(db, action)
    if action.finished_at is not None and action.kind in (BulkKind.DELETE, BulkKind.RESET):
        one_task.tell_of_deletion(platform)
    await effects.follow(platform)
    platform.announcer.tell(Change(actions=True))
    return action


async def _some(
    db: Connection, platform: Platform, viewer: Viewer, action: BulkAction, wanted: list[str], effects: Effects
) -> None:
    found = {task.id: task for task in await tasks.lock(db, wanted)}
    before = undo.waiting_places(BulkKind(action.kind), list(found.values()))
    back = await _undone(db, action)
    errors = jsontext.loads(action.errors)
    for task_id in wanted:
        if task_id in effects.told:
            action.done += 1  # cancelled with what it depends on
            continue
        try:
            task = found.get(task_id)
            if task is None or not may_change_task(viewer, task.owner_id):
                raise NotFound("There is no such task.")
            if back is not None:
                await undo.undo_locked(db, platform, back.action, back.marks[task_id], task, effects)
            else:
                await _do(db, platform, viewer, action, task, effects)
        except RotaError as error:
            action.failed += 1
            if len(errors) < MOST_ERRORS:
                errors.append({"id": task_id, "code": error.code, "message": error.message})
        else:
            action.done += 1
    action.errors = jsontext.dumps(errors)
    await undo.keep(db, action, found, before, effects.told)
    if wanted:
        action.place = wanted[-1]
    if len(wanted) < AT_ONCE:
        action.total = action.done + action.failed  # what has moved on since it was counted was not there any more
        _finish(platform, action, BulkStatus.DONE, None)


class _Undone(NamedTuple):
    action: BulkAction
    marks: dict[str, BulkMark]


async def _undone(db: Connection, action: BulkAction) -> _Undone | None:
    """Of an UNDO: the action that it undoes, with the marks of its next tasks."""
    undone = await store.get(db, action.undoes) if action.undoes is not None else None
    if undone is None:
        return None
    return _Undone(undone, {mark.task_id: mark for mark in await store.marks(db, undone.id, action.place, AT_ONCE)})


async def _wipe(db: Connection, platform: Platform, action: BulkAction, wanted: list[str], effects: Effects) -> None:
    """Deletes these tasks. What depends on them was submitted after them: it goes in a later step, or in this one."""
    found = await tasks.lock(db, wanted)
    await tasks.delete(db, platform.shard, found)
    action.done += len(found)
    for task in found:
        effects.drop.setdefault(task.queue, []).append(task.id)
    if wanted:
        action.place = wanted[-1]
    else:
        await ticks.forget(db)
        action.total = action.done
        _finish(platform, action, BulkStatus.DONE, None)


async def _empty(platform: Platform) -> None:
    """Removes what Redis keeps of queues beside their tasks, which are gone, and tells it again how they are worked."""
    async with platform.database.read() as db:
        names = [queue.name for queue in await queues.all_queues(db)]
    for name in names:
        await platform.broker.empty(name)
        await configure(platform, name)


async def _do(
    db: Connection, platform: Platform, viewer: Viewer, action: BulkAction, task: Task, effects: Effects
) -> None:
    kind = BulkKind(action.kind)
    if kind is BulkKind.CANCEL:
        await one_task.cancel_locked(db, platform, viewer, task, effects)
    elif kind is BulkKind.RETRY:
        await one_task.retry_locked(db, platform, task, effects)
    elif kind is BulkKind.RESCHEDULE:
        await one_task.reschedule_locked(db, platform, task, Place(*jsontext.loads(action.changes)), effects)
    else:
        await one_task.delete_locked(db, platform, task)


async def _next(db: Connection, viewer: Viewer, action: BulkAction) -> list[str]:
    if action.undoes is not None:
        return [mark.task_id for mark in await store.marks(db, action.undoes, action.place, AT_ONCE)]
    if action.ids is not None:
        return [task_id for task_id in jsontext.loads(action.ids) if task_id > action.place][:AT_ONCE]
    query = dataclasses.replace(_query(action, viewer), after=(0, action.place) if action.place else None)
    at_once = DELETED_AT_ONCE if action.kind == BulkKind.RESET else AT_ONCE
    return [task.id for task in (await listing.page(db, query, at_once)).rows]


async def _still(db: Connection, action: BulkAction) -> Viewer | None:
    """Who asked, as they are now."""
    user = await users.get(db, action.owner_id)
    viewer = viewer_of(user) if user else None
    may = may_operate if action.kind == BulkKind.RESET else may_submit
    return viewer if viewer is not None and may(viewer) else None


def _query(action: BulkAction, viewer: Viewer) -> TaskQuery:
    kept: dict[str, Any] = jsontext.loads(action.wanted)
    query = TaskQuery(**{name: _frozen(value) for name, value in kept.items()})
    # An administrator who is none any more acts on their own tasks alone.
    return query if viewer.is_admin else dataclasses.replace(query, owner_id=viewer.user_id)


def _frozen(value: Any) -> Any:
    """As it was before it was JSON: a tuple for a list, however deep."""
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


def _fixed(kind: BulkKind, wanted: TaskQuery, at: int) -> TaskQuery:
    """The filter with what the action can be done to, as of now."""
    able = {status.value for status in ABLE[kind]}
    statuses = tuple(sorted(able.intersection(wanted.statuses) if wanted.statuses else able))
    if not statuses:
        raise Invalid(
            f"None of these statuses fits; {kind.lower()} takes {', '.join(sorted(able))}.", ("filter", "status")
        )
    if kind is BulkKind.RESET:
        # Whatever comes while it works goes too, or it could wait for a task that is gone.
        return dataclasses.replace(wanted, order="OLDEST_FIRST")
    before = at + 1 if wanted.created_before is None else min(wanted.created_before, at + 1)
    return dataclasses.replace(wanted, statuses=statuses, created_before=before, order="OLDEST_FIRST", after=None)


def _check(
    at: int, kind: BulkKind, task_ids: Sequence[str] | None, wanted: TaskQuery | None, changes: Place | None
) -> None:
    if (task_ids is None) == (wanted is None):
        raise Invalid("Give either ids or a filter; an empty filter matches all that you may change.", ("ids",))
    if task_ids is not None and not 1 <= len(task_ids) <= MOST_IDS:
        raise Invalid(
            f"ids takes 1 to {MOST_IDS:,} tasks; these are {len(task_ids):,}. A filter takes any number.", ("ids",)
        )
    if kind is BulkKind.RESCHEDULE:
        if changes is None or changes == Place():
            raise Invalid("Give priority, deadline or runAt: what is to change.", ("priority",))
        rules.check_priority(changes.priority)
        rules.check_instants(at, deadline_at=changes.deadline_at, run_at=changes.run_at)


def _finish(platform: Platform, action: BulkAction, status: BulkStatus, why: str | None) -> None:
    action.status, action.stopped = status.value, why
    action.finished_at = platform.clock.now_ms()
