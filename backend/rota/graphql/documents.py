"""Documents: parsed and validated once for each text, and kept; what is wrong with a text is kept too."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from rota.graphql.bounds import MAX_TOKENS, RULES

# A parsed document takes some hundred times the memory of its text.
KEPT_CHARACTERS = 200_000
LONGEST_KEPT = 20_000  # characters
_MAY_INTROSPECT = re.compile(r"__(schema|type)\b")

Prepared = DocumentNode | list[GraphQLError]


class _Kept:
    """The documents of one schema that were used last."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, Prepared] = OrderedDict()
        self._characters = 0

    def get(self, text: str) -> Prepared | None:
        found = self._found.get(text)
        if found is not None:
            self._found.move_to_end(text)
        return found

    def put(self, text: str, prepared: Prepared) -> None:
        if len(text) > LONGEST_KEPT:
            return
        self._found[text] = prepared
        self._characters += len(text)
        while self._characters > KEPT_CHARACTERS:
            old, _ = self._found.popitem(last=False)
            self._characters -= len(old)


_kept: WeakKeyDictionary[Schema, _Kept] = WeakKeyDictionary()


def prepared(schema: Schema, text: str) -> Prepared:
    """The document, parsed and valid, or what is wrong with it."""
    kept = _kept.setdefault(schema, _Kept())
    found = kept.get(text)
    if found is None:
        found = _prepare(schema, text)
        kept.put(text, found)
    return found


def introspects(schema: Schema, text: str, document: DocumentNode) -> bool:
    """Whether a document asks for the schema; a mere `__typename` does not."""
    if not _MAY_INTROSPECT.search(text):
        return False
    return bool(validate(schema._schema, document, (NoSchemaIntrospectionCustomRule,)))  # noqa: SLF001


def kind_of(document: DocumentNode, operation_name: str | None) -> OperationType | None:
    """Whether the operation of this name (or the only one) reads, changes or subscribes; None where there is none."""
    operation = _operation(document, operation_name)
    return OperationType(operation.operation.value) if operation is not None else None


def cursor_variable(document: DocumentNode, operation_name: str | None) -> str | None:
    """The variable that says where a subscription goes on, `$cursor` in `tasksChanged(after: $cursor)`, and nothing else.

    None where there is none, or where it is used elsewhere too.
    """
    operation = _operation(document, operation_name)
    fields = operation.selection_set.selections if operation is not None else ()
    if len(fields) != 1 or not isinstance(fields[0], FieldNode):
        return None
    for argument in fields[0].arguments or ():
        if argument.name.value == "after" and isinstance(argument.value, VariableNode):
            name = argument.value.name.value
            named = _Named(name)
            visit(document, named)
            # In its definition and here.
            return name if named.found == 2 else None
    return None


class _Named(Visitor):
    """Counts where a variable stands."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.found = 0
        self._name = name

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.found += node.name.value == self._name


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation of this name, or the only one."""
    operations = [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        and (name is None or (definition.name is not None and definition.name.value == name))
    ]
    return operations[0] if len(operations) == 1 else None


class Documents(SchemaExtension):
    """Gives each operation its document from what is kept. One with errors never comes here: `schema.py` sees to it."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        if context.query:
            found = prepared(context.schema, context.query)
            if isinstance(found, DocumentNode):
                context.graphql_document = found
        yield

    def on_validate(self) -> Iterator[None]:
        # Validated when it was parsed; a list, if an empty one, keeps Strawberry from doing it again.
        if isinstance(prepared(self.execution_context.schema, self.execution_context.query or ""), DocumentNode):
            self.execution_context.pre_execution_errors = []
        yield


def _prepare(schema: Schema, text: str) -> Prepared:
    core = schema._schema  # noqa: SLF001  (Strawberry has no other way to its graphql-core schema)
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
        # Limits first: the others take long over what is too much.
        errors = validate(core, document, RULES) or validate(core, document, specified_rules)
    except GraphQLError as error:
        return [error.with_traceback(None)]
    except RecursionError:
        return [GraphQLError("This document is nested too deeply.")]
    return errors or document
