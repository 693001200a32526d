"""The whole schema on one screen: the roots, the rules for documents, and the export."""

import strawberry
from graphql import GraphQLError, lexicographic_sort_schema, print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from rota.graphql.accounts import AccountMutations, AccountQueries
from rota.graphql.documents import Documents
from rota.graphql.functions import FunctionQueries
from rota.graphql.metrics import MetricsQueries
from rota.graphql.nodes import NodeQueries
from rota.graphql.queues import QueueMutations, QueueQueries
from rota.graphql.scalars import SCALARS
from rota.graphql.tasks import TaskMutations, TaskQueries
from rota.graphql.types.accounts import ApiToken, User
from rota.graphql.workers import WorkerMutations, WorkerQueries


@strawberry.type(description="What can be read.")
class Query(NodeQueries, AccountQueries, TaskQueries, QueueQueries, WorkerQueries, FunctionQueries, MetricsQueries): ...


@strawberry.type(description="What can be done. Foreseeable failures come in each payload's `errors`.")
class Mutation(AccountMutations, TaskMutations, QueueMutations, WorkerMutations): ...


class Schema(strawberry.Schema):
    """Strawberry's schema, which leaves it to `documents.py` to code, mask and log errors."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None: ...


schema = Schema(
    query=Query,
    mutation=Mutation,
    types=[User, ApiToken],
    extensions=[Documents],
    config=StrawberryConfig(scalar_map=SCALARS),
)


def export() -> str:
    """The schema as text, sorted. (Sorting it where it runs breaks its types; sorting the copy does not.)"""
    return print_schema(lexicographic_sort_schema(schema._schema)) + "\n"  # noqa: SLF001
