"""Runs operations; the same event of the same subscription is executed and written as JSON once for all who may see the same."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from functools import partial
from typing import Any, Literal, NamedTuple

from graphql import ExecutionResult as CoreResult
from graphql import Executor, GraphQLError, create_source_event_stream
from strawberry import Schema
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from rota import jsontext
from rota.graphql import documents
from rota.graphql.context import Context
from rota.graphql.errors import all_coded
from rota.web.edge import Caller, Edge
from rota.web.requests import Asked

ANY = frozenset({OperationType.QUERY, OperationType.MUTATION})

_SUBSCRIPTION = frozenset({OperationType.SUBSCRIPTION})
KEPT_EVENTS = 4  # of one subscription; who is slower than that has its event executed again


class Answer(NamedTuple):
    """A result as it goes out. `is_refused`: it was not executed, `body` has no data."""

    body: dict[str, Any]
    is_refused: bool


class Frame(NamedTuple):
    """One message of a stream. `payload` is JSON: a result for `next`, a list of errors for `error`, which is the last."""

    kind: Literal["next", "error"]
    payload: str


class WrongOperation(Exception):
    """This kind of operation cannot come this way: a mutation by GET, a subscription by POST."""

    def __init__(self, kind: OperationType) -> None:
        super().__init__(kind.value)
        self.kind = kind


class Runner:
    """Executes what clients ask for, on one schema."""

    def __init__(self, schema: Schema, edge: Edge) -> None:
        self._schema = schema
        self._edge = edge
        self._is_closed = not edge.platform.settings.introspection
        self._shared: dict[Any, _Shared] = {}

    @property
    def subscriptions(self) -> int:
        """Subscriptions that are open."""
        return sum(shared.users for shared in self._shared.values())

    @property
    def distinct(self) -> int:
        """How many different ones they are: so many are executed."""
        return len(self._shared)

    def check(self, asked: Asked, kinds: frozenset[OperationType]) -> None:
        """Raises WrongOperation where the operation is of none of these kinds; what is no operation at all fails later."""
        kind = self._kind(asked)
        if kind is not None and kind not in kinds:
            raise WrongOperation(kind)

    async def answer(self, asked: Asked, context: Context, kinds: frozenset[OperationType] = ANY) -> Answer:
        """Executes a query or mutation. Raises WrongOperation where it is of none of these kinds."""
        return await self._execute(asked, context, kinds, root=None)

    async def frames(self, asked: Asked, caller: Caller) -> AsyncGenerator[Frame, None]:
        """The messages of any operation: one for a query or mutation, many for a subscription."""
        context = self._edge.context(caller)
        context.takes_cookies = False
        if self._kind(asked) is not OperationType.SUBSCRIPTION:
            yield _frame(await self.answer(asked, context))
            return
        source = await self._source(asked, context)
        if isinstance(source, list):
            yield _frame(_refusal(source, caller.request_id))
            return
        with self._sharing(asked, caller) as shared:
            try:
                async with contextlib.aclosing(source):
                    async for event in source:
                        frame = await shared.frame(event, partial(self._event, asked, caller, event))
                        yield frame
                        if frame.kind == "error":
                            return
            except Exception as error:  # noqa: BLE001  (what the source raises is the field's error, coded or masked there)
                yield await self._event(asked, caller, error)

    def _prepared(self, text: str) -> documents.Prepared:
        """The document, or what forbids it."""
        document = documents.prepared(self._schema, text)
        if self._is_closed and not isinstance(document, list) and documents.introspects(self._schema, text, document):
            return [GraphQLError("The schema cannot be asked for here (ROTA_INTROSPECTION).")]
        return document

    def _kind(self, asked: Asked) -> OperationType | None:
        document = self._prepared(asked.query)
        return None if isinstance(document, list) else documents.kind_of(document, asked.operation_name)

    async def _source(self, asked: Asked, context: Context) -> Any:
        """The stream of events before they are executed, or the errors that forbid it."""
        document = self._prepared(asked.query)
        if isinstance(document, list):
            return document
        executor = Executor.build(
            self._schema._schema,  # noqa: SLF001  (Strawberry has no other way to its graphql-core schema)
            document,
            context_value=context,
            raw_variable_values=asked.variables,
            operation_name=asked.operation_name,
        )
        if isinstance(executor, list):
            return executor
        source: Any = create_source_event_stream(executor)
        if executor.is_awaitable(source):
            source = await source
        return source.errors if isinstance(source, CoreResult) else source

    async def _event(self, asked: Asked, caller: Caller, event: object) -> Frame:
        """Executes the subscription's fields on one event, with loaders of its own."""
        answer = await self._execute(asked, self._edge.context(caller), _SUBSCRIPTION, root=event)
        return _frame(answer)

    async def _execute(self, asked: Asked, context: Context, kinds: frozenset[OperationType], root: object) -> Answer:
        document = self._prepared(asked.query)
        if isinstance(document, list):
            return _refusal(document, context.request_id)
        kind = documents.kind_of(document, asked.operation_name)
        if kind is None:
            # Strawberry would take the first one.
            wanted = (
                f"There is no operation {asked.operation_name!r} in it" if asked.operation_name else "It has several"
            )
            return _refusal(
                [GraphQLError(f"operationName must name one operation of the document. {wanted}.")], context.request_id
            )
        if kind not in kinds:
            raise WrongOperation(kind)
        result = await self._schema.execute(
            asked.query,
            asked.variables,
            context_value=context,
            root_value=root,
            operation_name=asked.operation_name,
            allowed_operation_types=kinds,
        )
        return _answer(result)

    @contextlib.contextmanager
    def _sharing(self, asked: Asked, caller: Caller) -> Iterator["_Shared"]:
        variables = jsontext.dumps(asked.variables) if asked.variables else ""
        key = (asked.query, variables, asked.operation_name, caller.rights)
        shared = self._shared.setdefault(key, _Shared())
        shared.users += 1
        try:
            yield shared
        finally:
            shared.users -= 1
            if not shared.users:
                del self._shared[key]
                shared.stop()


class _Shared:
    """The last events of one subscription, each executed once."""

    def __init__(self) -> None:
        self.users = 0
        # By identity; the event is kept beside its frame, so that no other object gets its id meanwhile.
        self._made: OrderedDict[int, tuple[object, asyncio.Future[Frame]]] = OrderedDict()

    async def frame(self, event: object, execute: Callable[[], Awaitable[Frame]]) -> Frame:
        found = self._made.get(id(event))
        if found is None:
            found = (event, asyncio.ensure_future(execute()))
            self._made[id(event)] = found
            if len(self._made) > KEPT_EVENTS:
                self._made.popitem(last=False)
        made = found[1]
        # Who asked first may leave meanwhile; the frame is for the others too.
        return made.result() if made.done() else await asyncio.shield(made)

    def stop(self) -> None:
        """Nobody waits for what is still being executed."""
        for _, made in self._made.values():
            made.cancel()


def _answer(result: ExecutionResult) -> Answer:
    errors = result.errors or []
    # Variables that do not fit are found before anything is executed: no path, no data.
    is_refused = isinstance(result, PreExecutionError) or (
        result.data is None and bool(errors) and all(error.path is None for error in errors)
    )
    body: dict[str, Any] = {} if is_refused else {"data": result.data}
    if errors:
        body["errors"] = [error.formatted for error in errors]
    if result.extensions:
        body["extensions"] = result.extensions
    return Answer(body, is_refused)


def _frame(answer: Answer) -> Frame:
    if answer.is_refused:
        return Frame("error", jsontext.dumps(answer.body["errors"]))
    return Frame("next", jsontext.dumps(answer.body))


def _refusal(errors: list[GraphQLError], request_id: str) -> Answer:
    return Answer({"errors": [error.formatted for error in all_coded(errors, request_id)]}, is_refused=True)
