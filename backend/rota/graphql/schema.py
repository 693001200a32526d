"""The whole schema on one screen: the roots, the rules for documents, and the export."""

from functools import lru_cache
from typing import Any

import strawberry
from graphql import GraphQLError, lexicographic_sort_schema, print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from strawberry.types import ExecutionContext
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.utils.str_converters import to_camel_case

from rota.graphql.accounts import AccountMutations, AccountQueries
from rota.graphql.audit import AuditQueries, audit
from rota.graphql.bulk import BulkMutations, BulkQueries
from rota.graphql.documents import Documents, prepared
from rota.graphql.errors import all_coded
from rota.graphql.functions import FunctionQueries
from rota.graphql.limits import LimitMutations, LimitQueries
from rota.graphql.live import Subscription
from rota.graphql.metrics import MetricsQueries
from rota.graphql.nodes import NodeQueries
from rota.graphql.pools import PoolMutations, PoolQueries
from rota.graphql.queues import QueueMutations, QueueQueries
from rota.graphql.scalars import SCALARS
from rota.graphql.schedules import ScheduleMutations, ScheduleQueries
from rota.graphql.system import SystemQueries
from rota.graphql.tasks import TaskMutations, TaskQueries
from rota.graphql.types.accounts import ApiToken, User
from rota.graphql.users import UserMutations, UserQueries
from rota.graphql.workers import WorkerMutations, WorkerQueries


@strawberry.type(description="What can be read.")
class Query(
    NodeQueries,
    AccountQueries,
    TaskQueries,
    BulkQueries,
    AuditQueries,
    QueueQueries,
    WorkerQueries,
    PoolQueries,
    FunctionQueries,
    ScheduleQueries,
    LimitQueries,
    UserQueries,
    SystemQueries,
    MetricsQueries,
): ...


@strawberry.type(description="What can be done. Foreseeable failures come in each payload's `errors`.")
class Mutation(
    AccountMutations,
    TaskMutations,
    BulkMutations,
    ScheduleMutations,
    QueueMutations,
    LimitMutations,
    WorkerMutations,
    PoolMutations,
    UserMutations,
): ...


class Schema(strawberry.Schema):
    """Strawberry's schema with Rota's documents and errors: every error that leaves `execute` is coded."""

    async def execute(self, query: str | None, *args: Any, **kwargs: Any) -> ExecutionResult:
        """Executes one query, mutation or event. Takes what Strawberry's takes; `context_value` by its name."""
        found = prepared(self, query) if query else None
        if isinstance(found, list):
            result: ExecutionResult = PreExecutionError(data=None, errors=found)
        else:
            result = await super().execute(query, *args, **kwargs)
        if result.errors:
            result.errors = all_coded(result.errors, str(getattr(kwargs.get("context_value"), "request_id", "")))
        return result

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: unexpected errors are logged where they are masked."""


class Names(NameConverter):
    """Strawberry's names, each made once: it asks again for every field of an input, a thousand times a submit of many."""

    def apply_naming_config(self, name: str) -> str:
        return _camel_case(name)


@lru_cache(maxsize=1024)
def _camel_case(name: str) -> str:
    return to_camel_case(name)


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[User, ApiToken],
    extensions=[Documents],
    config=StrawberryConfig(scalar_map=SCALARS, name_converter=Names()),
)

audit(schema)


def export() -> str:
    """The schema as text, sorted. (Sorting it where it runs breaks its types; sorting the copy does not.)"""
    return print_schema(lexicographic_sort_schema(schema._schema)) + "\n"  # noqa: SLF001
