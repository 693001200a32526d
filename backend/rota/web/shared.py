"""Runs operations; the same event of the same subscription is executed and written as JSON once for all who may see the same."""

import contextlib
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

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
from rota.web.together import Execute, Follower, Frame, Take, Together

ANY = frozenset({OperationType.QUERY, OperationType.MUTATION})

_SUBSCRIPTION = frozenset({OperationType.SUBSCRIPTION})


class Answer(NamedTuple):
    """A result as it goes out. `is_refused`: it was not executed, `body` has no data."""

    body: dict[str, Any]
    is_refused: bool


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
        self._together: dict[Any, Together] = {}

    @property
    def subscriptions(self) -> int:
        """Subscriptions that are open."""
        return sum(together.users for together in self._together.values())

    @property
    def distinct(self) -> int:
        """How many different ones they are: so many are executed."""
        return len(self._together)

    def check(self, asked: Asked, kinds: frozenset[OperationType]) -> None:
        """Raises WrongOperation where the operation is of none of these kinds; what is no operation at all fails later."""
        kind = self._kind(asked)
        if kind is not None and kind not in kinds:
            raise WrongOperation(kind)

    async def answer(self, asked: Asked, context: Context, kinds: frozenset[OperationType] = ANY) -> Answer:
        """Executes a query or mutation. Raises WrongOperation where it is of none of these kinds."""
        return await self._execute(asked, context, kinds, root=None)

    async def frames(self, asked: Asked, caller: Caller, take: Take = lambda _: False) -> AsyncGenerator[Frame, None]:
        """The messages of any operation: one for a query or mutation, many for a subscription.

        While the next is waited for, `take` may be given some instead: it says whether it took the frame.
        """
        context = self._edge.context(caller)
        context.takes_cookies = False
        if self._kind(asked) is not OperationType.SUBSCRIPTION:
            yield _frame(await self.answer(asked, context))
            return
        source = await self._source(asked, context)
        if isinstance(source, list):
            yield _frame(_refusal(source, caller.request_id))
            return
        for_all = _for_all(asked, caller)
        with self._sharing(asked, for_all) as together:
            execute = partial(self._event, asked, for_all)
            frames = _subscribed(source, together, execute, take)
            try:
                async with contextlib.aclosing(frames):
                    async for frame in frames:
                        yield frame
                        if frame.kind == "error":
                            return
            except Exception as error:  # noqa: BLE001  (what the source raises is the field's error, coded or masked there)
                yield await execute(error)

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
    def _sharing(self, asked: Asked, caller: Caller) -> Iterator[Together]:
        document, variables = self._prepared(asked.query), asked.variables or {}
        # Where somebody goes on after a while makes no difference from there on.
        cursor = None if isinstance(document, list) else documents.cursor_variable(document, asked.operation_name)
        said = jsontext.dumps({name: value for name, value in variables.items() if name != cursor})
        key = (asked.query, said, asked.operation_name, caller.rights)
        together = self._together.get(key)
        if together is None:
            together = self._together[key] = Together(self._edge.hub.turns)
        together.users += 1
        try:
            yield together
        finally:
            together.users -= 1
            if not together.users:
                del self._together[key]
                together.stop()


def _for_all(asked: Asked, caller: Caller) -> Caller:
    """Who stands for all that may see the same in these events: administrators are one, and nobody in particular.

    Where the operation may ask for one's own tasks it is the caller.
    """
    signed_in = caller.signed_in
    if signed_in is None or not signed_in.viewer.is_admin:
        return caller
    if "ownedByMe" in asked.query or "ownedByMe" in jsontext.dumps(asked.variables or {}):
        return caller
    anybody = replace(signed_in.viewer, user_id="", username="")
    return caller._replace(signed_in=signed_in._replace(viewer=anybody))


async def _subscribed(
    source: AsyncGenerator[Any, None], together: Together, execute: Execute, take: Take
) -> AsyncGenerator[Frame, None]:
    """The frames of one subscriber: of its own source until another's goes on like it, or its own does for all."""
    follower: Follower | None = None
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(contextlib.aclosing(source))
        async for event in source:
            frame = await together.frame(event, execute)
            yield frame
            if together.lead(source, event, frame, execute):
                stack.pop_all()
            follower = together.follow(event, take)
            if follower is not None:
                break
    if follower is None:
        return
    try:
        async for event, made in follower.left():
            yield made if made is not None else await execute(event)
    finally:
        together.leave(follower)


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
        return Frame("error", jsontext.dumpb(answer.body["errors"]))
    return Frame("next", jsontext.dumpb(answer.body))


def _refusal(errors: list[GraphQLError], request_id: str) -> Answer:
    return Answer({"errors": [error.formatted for error in all_coded(errors, request_id)]}, is_refused=True)
