"""Every mutation leaves an entry in the trail: here, around all of them, so that a new one does without being named."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from inspect import isawaitable
from typing import Annotated, Any

import strawberry
from graphql import GraphQLField, GraphQLResolveInfo
from strawberry import Schema

from rota import ids
from rota.domain.access import Viewer
from rota.domain.errors import InvalidId, RotaError
from rota.graphql.context import Context, Info
from rota.graphql.errors import INTERNAL, code_of
from rota.graphql.hub import hub_of
from rota.graphql.paging import MOST, page_size, parse_cursor
from rota.graphql.types.audit import ORDER, Activity, ActivityConnection, ActivityFilter, AddedActivity, trail_query
from rota.graphql.types.inputs import given
from rota.operations import trail
from rota.operations.trail import MOST_TARGETS

PAGE = 50
ENTRIES_EVERY_S = 1.0  # at most
OK = "OK"
# Of an input these are told, as far as they are texts: names and ids of things, never what is done with them.
_NAMES = ("name", "function", "queue")
# Nobody signed in, and it was refused before anything was looked at: the log has it, and a flood of it is no trail.
_NO_ENTRY = frozenset({"UNAUTHENTICATED", "RATE_LIMITED", "BAD_USER_INPUT"})


@strawberry.type
class AuditQueries:
    @strawberry.field(
        description="Who did what, the newest first: an administrator sees all, everybody else what they did themselves."
    )
    async def activity(
        self,
        info: Info,
        wanted: Annotated[
            ActivityFilter | None,
            strawberry.argument(name="filter", description="Which entries; all where it is left out."),
        ] = strawberry.UNSET,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 200.")] = PAGE,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = strawberry.UNSET,
    ) -> ActivityConnection:
        viewer = info.context.need_viewer()
        cursor = parse_cursor(ORDER, given(after), ids.ENTRY)
        rows, has_next = await trail.page(
            info.context.platform.database,
            viewer,
            trail_query(given(wanted)),
            cursor[1] if cursor else None,
            page_size(first, PAGE),
        )
        return ActivityConnection.of(rows, has_next=has_next, has_previous=cursor is not None)


@strawberry.type
class AuditSubscriptions:
    @strawberry.subscription(
        description="What is added to `activity` from now on, as far as the viewer may see it; once a second at most."
    )
    async def activity_added(
        self,
        info: Info,
        wanted: Annotated[
            ActivityFilter | None,
            strawberry.argument(name="filter", description="Which entries; all where it is left out."),
        ] = strawberry.UNSET,
    ) -> AsyncGenerator[AddedActivity, None]:
        viewer, hub = info.context.need_viewer(), hub_of(info.context)
        newer = trail.Newer(info.context.platform.database, viewer, trail_query(given(wanted)), MOST)
        async with hub.watch(lambda batch: batch.entries or batch.is_reset) as watch:
            await newer.find()
            async for _ in watch.latest(ENTRIES_EVERY_S):
                found, is_reset = await newer.find()
                if found:
                    yield AddedActivity(entries=[Activity.of(row) for row in found], is_reset=is_reset)


def audit(schema: Schema) -> None:
    """Puts the trail around each mutation of a schema."""
    mutations = schema._schema.mutation_type  # noqa: SLF001  (Strawberry has no other way to its graphql-core schema)
    if mutations is not None:
        for name, field in mutations.fields.items():
            _audit(name, field)


def _audit(name: str, field: GraphQLField) -> None:
    resolve = field.resolve
    assert resolve is not None, name

    async def audited(root: Any, info: GraphQLResolveInfo[Context], **args: Any) -> Any:
        payload: Any = None
        outcome = OK
        try:
            payload = resolve(root, info, **args)
            if isawaitable(payload):
                payload = await payload
            errors = getattr(payload, "errors", None)
            if errors:
                outcome = errors[0].code.value
        except BaseException as error:
            # A client that went away: it may have been done or not.
            outcome = _outcome(error)
            raise
        finally:
            _note(info.context, name, outcome, args, payload)
        return payload

    field.resolve = audited


def _outcome(error: BaseException) -> str:
    if isinstance(error, RotaError):
        return code_of(error)
    return INTERNAL if isinstance(error, Exception) else "ABORTED"


def _note(context: Context, name: str, outcome: str, args: Mapping[str, Any], payload: Any) -> None:
    by = context.viewer or _new_viewer(payload)
    if by is None and outcome in _NO_ENTRY:
        return
    refused = [] if context.refused_id is None else [context.refused_id]
    context.refused_id = None
    targets = list(dict.fromkeys([*_asked(args), *_made(payload), *refused]))
    amount = max(1, len(args.get("ids") or ()), len(args.get("inputs") or ()))
    context.platform.trail.note(
        name, outcome, by, targets, amount, address=context.address, request_id=context.request_id
    )


def _asked(args: Mapping[str, Any]) -> Iterator[str]:
    """The ids and names in what was asked for."""
    for value in (args.get("id"), *(args.get("ids") or ())[:MOST_TARGETS]):
        if isinstance(value, str) and _is_id(value):
            yield value
    wishes = [args, args.get("input"), *(args.get("inputs") or ())]
    for wish in wishes:
        if isinstance(wish, Mapping):
            yield from (wish[key] for key in _NAMES if isinstance(wish.get(key), str))


def _made(payload: Any) -> Iterator[str]:
    """The ids of the things in a payload."""
    values: Iterable[Any] = vars(payload).values() if hasattr(payload, "__dict__") else ()
    for value in (payload, *values):
        # Of very many the first are enough.
        for one in value[:MOST_TARGETS] if isinstance(value, list) else (value,):
            found = getattr(one, "id", None)
            if isinstance(found, str) and _is_id(found):
                yield found


def _new_viewer(payload: Any) -> Viewer | None:
    """Who has just signed in."""
    user = getattr(payload, "viewer", None)
    return None if user is None else Viewer(str(user.id), user.username, frozenset())


def _is_id(text: str) -> bool:
    try:
        ids.kind_of(text)
    except InvalidId:
        return False
    return True
