"""Every operation's way in and out: documents parsed and validated once, errors coded on the way out."""

from collections.abc import Iterator

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types import StreamExecutionResult

from rota.graphql.errors import all_coded


class Documents(SchemaExtension):
    """One for each operation."""

    def on_operation(self) -> Iterator[None]:
        yield
        self._code(self.execution_context.result)

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        self._code(result)
        yield

    def _code(self, result: object) -> None:
        errors: list[GraphQLError] | None = getattr(result, "errors", None)
        if errors:
            result.errors = all_coded(errors, self._request_id)  # type: ignore[attr-defined]

    @property
    def _request_id(self) -> str:
        return str(getattr(self.execution_context.context, "request_id", ""))
